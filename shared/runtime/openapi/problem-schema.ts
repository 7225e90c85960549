import { limits } from '../../contracts/index.ts';
import type { JsonSchema } from './collect-schemas.ts';

/** The problem document that every error leaves as (`problemOf`), with the codes that it may carry. */
export const problemSchema = (catalogue: {
  readonly [code: string]: { readonly status: number; readonly title: string };
}): JsonSchema => ({
  type: 'object',
  description: 'RFC 9457, plus the `error` member that OpenAI’s SDKs read.',
  required: ['type', 'title', 'status', 'instance', 'trace_id', 'code', 'error'],
  properties: {
    type: { type: 'string', description: '`urn:turnledger:error:` and the code.' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'What is special about this occurrence.' },
    instance: { type: 'string', description: 'The path that was asked for.' },
    trace_id: { type: 'string', description: 'What the operator finds it by.' },
    code: {
      type: 'string',
      enum: Object.keys(catalogue),
      description: Object.entries(catalogue)
        .map(([code, { status, title }]) => `* \`${code}\` (${status}): ${title}`)
        .join('\n'),
    },
    errors: {
      type: 'array',
      description: `The fields that are wrong, at most ${limits.http.maxFieldErrors}.`,
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: { pointer: { type: 'string' }, message: { type: 'string' } },
      },
    },
    error: {
      type: 'object',
      required: ['message', 'type', 'param', 'code'],
      properties: {
        message: { type: 'string' },
        type: { type: 'string', enum: ['invalid_request_error', 'server_error'] },
        param: { type: ['string', 'null'] },
        code: { type: 'string' },
      },
    },
  },
});
