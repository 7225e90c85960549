import type { IncomingMessage } from 'node:http';
import { bodyParser } from '@koa/bodyparser';
import type { Context, Middleware } from 'koa';
import { type ErrorCode, isTurnledgerError, limits, TurnledgerError } from '../../contracts/index.ts';
import { keepBytes } from './kept-bytes.ts';

const MENDED = '\ufffd';

const parseBody = bodyParser({
  enableTypes: ['json'],
  jsonLimit: limits.http.maxBodyBytes,
  jsonStrict: false,
  encoding: 'utf-8',
});

/** What the parsers below (raw-body, inflation) throw with a status; whatever else they throw says that the body is not what it claims. */
const codeOfStatus: { readonly [status: number]: ErrorCode } = { 413: 'body_too_large', 415: 'media_type_unsupported' };

function bodyErrorOf(thrown: unknown): TurnledgerError {
  if (isTurnledgerError(thrown)) return thrown;
  const status = typeof thrown === 'object' && thrown !== null && 'status' in thrown ? Number(thrown.status) : 0;
  return new TurnledgerError(codeOfStatus[status] ?? 'request_malformed', { cause: thrown });
}

/**
 * Reads a JSON body of at most limits.http.maxBodyBytes, unpacked. No body at all counts as an object without members, so that a command
 * whose fields are all optional needs none. Throws `media_type_unsupported`, `body_too_large`, `request_malformed` (no JSON,
 * or not UTF-8).
 */
export const readBody: Middleware = async (context, next) => {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = context.req.headers;
  if (length === '0' && encoding === undefined) context.request.body = {};
  else await readJson(context);
  await next();
};

/** Reads on what a parser left when it gave up: the next request on the connection comes behind it, and would wait for ever. */
function passOver(request: IncomingMessage): void {
  if (!request.readableEnded) request.unpipe().resume();
}

async function readJson(context: Context): Promise<void> {
  if (!context.is('application/json')) throw new TurnledgerError('media_type_unsupported');
  const kept = keepBytes(context.req);
  try {
    await parseBody(context, async () => {});
    // The parser mends what is not UTF-8 by this character. Few bodies hold it, so that the second look costs next to nothing.
    const { rawBody = '' } = context.request;
    if (rawBody.includes(MENDED) && !kept.areUtf8()) throw new TurnledgerError('request_malformed');
  } catch (thrown) {
    throw bodyErrorOf(thrown);
  } finally {
    kept.forget();
    passOver(context.req);
  }
  if (context.request.rawBody === '') context.request.body = {};
}
