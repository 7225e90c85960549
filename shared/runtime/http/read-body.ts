import { bodyParser } from '@koa/bodyparser';
import type { Context, Middleware } from 'koa';
import { type ErrorCode, limits, TurnledgerError } from '../../contracts/index.ts';

const parseBody = bodyParser({
  enableTypes: ['json'],
  jsonLimit: limits.http.maxBodyBytes,
  jsonStrict: false,
  encoding: 'utf-8',
});

/** What the parsers below (raw-body, inflation) throw with a status; whatever else they throw says that the body is not what it claims. */
const codeOfStatus: { readonly [status: number]: ErrorCode } = { 413: 'body_too_large', 415: 'media_type_unsupported' };

function bodyErrorOf(thrown: unknown): TurnledgerError {
  const status = typeof thrown === 'object' && thrown !== null && 'status' in thrown ? Number(thrown.status) : 0;
  return new TurnledgerError(codeOfStatus[status] ?? 'request_malformed', { cause: thrown });
}

/**
 * Reads a JSON body of at most limits.http.maxBodyBytes, unpacked. No body at all counts as an object without members, so that a command
 * whose fields are all optional needs none. Throws `media_type_unsupported`, `body_too_large`, `request_malformed`.
 */
export const readBody: Middleware = async (context, next) => {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = context.req.headers;
  if (length === '0' && encoding === undefined) context.request.body = {};
  else await readJson(context);
  await next();
};

async function readJson(context: Context): Promise<void> {
  if (!context.is('application/json')) throw new TurnledgerError('media_type_unsupported');
  try {
    await parseBody(context, async () => {});
  } catch (thrown) {
    throw bodyErrorOf(thrown);
  }
  if (context.request.rawBody === '') context.request.body = {};
}
