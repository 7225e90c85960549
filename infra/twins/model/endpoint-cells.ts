import type { ModelFailureCode } from '@turnledger/shared/ports';
import type { CellOutcome, EndpointCell } from './endpoint-cell.ts';
import type { TwinBehaviour } from './twin-behaviour.ts';

type PlainFault = Exclude<NonNullable<TwinBehaviour['fault']>['kind'], 'status'>;

/** Letters of one to four bytes, so that bytes can be split, and cut, inside each. */
export const CELL_TEXT = 'Grüße, 旅人 🐉! The bells rang eleven.';

const status = (code: ModelFailureCode, ...statuses: readonly number[]): readonly EndpointCell[] =>
  statuses.map((one) => ({
    what: `status ${one}`,
    behaviour: { fault: { kind: 'status', status: one } },
    streamed: code,
    whole: code,
  }));

const limited = (what: string, asks: { retryAfter?: string; retryAfterDateMs?: number }, retryAfterMs?: number) => ({
  what: `status 429, Retry-After ${what}`,
  behaviour: { fault: { kind: 'status' as const, status: 429, ...asks } },
  streamed: 'model_rate_limited' as const,
  whole: 'model_rate_limited' as const,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

const fault = (what: string, kind: PlainFault, streamed: CellOutcome, whole = streamed): EndpointCell => ({
  what,
  behaviour: { text: CELL_TEXT, fault: { kind } },
  streamed,
  whole,
});

const finish = (finishReason: string, outcome: CellOutcome): EndpointCell => ({
  what: `finish reason ${finishReason}`,
  behaviour: { text: CELL_TEXT, finishReason },
  streamed: outcome,
  whole: outcome,
});

/** Every cell of "The model endpoint, cell by cell", and a few that were met since. */
export const endpointCells: readonly EndpointCell[] = [
  { what: 'a good answer', behaviour: { text: CELL_TEXT }, streamed: 'completed', whole: 'completed' },
  ...status('model_request_refused', 400, 413, 422),
  ...status('model_unauthorized', 401, 402, 403),
  ...status('model_not_found', 404),
  ...status('model_timeout', 408, 504),
  ...status('model_overloaded', 409, 503, 529),
  ...status('model_server_error', 500, 502),
  limited('absent', {}),
  limited('0', { retryAfter: '0' }, 0),
  limited('1', { retryAfter: '1' }, 1_000),
  limited('600', { retryAfter: '600' }, 600_000),
  limited('a date in 2 s', { retryAfterDateMs: 2_000 }, 2_000),
  limited('a date of the past', { retryAfter: 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0),
  limited('junk', { retryAfter: 'soon' }),
  fault('a redirect', 'redirect', 'model_redirected'),
  { what: 'nobody listens', behaviour: 'nobody_listens', streamed: 'model_unreachable', whole: 'model_unreachable' },
  fault('closed before headers', 'close', 'model_unreachable'),
  fault('reset before headers', 'reset', 'model_unreachable'),
  fault('headers never', 'headers_never', 'no_first_text'),
  fault('stall after headers', 'stall_after_headers', 'no_first_text'),
  fault('comments for ever (JSON: blanks)', 'comment_drip', 'no_first_text'),
  fault('stall half way', 'stall_mid_stream', 'no_end', 'no_first_text'),
  {
    what: 'tokens, slower than the deadline',
    behaviour: { text: CELL_TEXT.repeat(50), tokenDelayMs: 100 },
    streamed: 'no_end',
    whole: 'no_first_text',
  },
  fault('clean end half way', 'cut_mid_stream', 'model_stream_cut', 'model_not_json'),
  fault('[DONE] half way (JSON: clean end)', 'done_mid_stream', 'model_stream_cut', 'model_not_json'),
  fault('whole text, no finish reason', 'no_finish_reason', 'model_stream_cut'),
  fault('reset half way', 'reset_mid_stream', 'model_stream_cut'),
  fault('HTML with 200', 'html', 'model_not_json'),
  fault('an empty body', 'empty_body', 'model_empty'),
  { what: 'an empty text', behaviour: { text: '' }, streamed: 'model_empty', whole: 'model_empty' },
  { what: 'a text of blanks', behaviour: { text: ' \n' }, streamed: 'model_empty', whole: 'model_empty' },
  fault('broken JSON', 'broken_json', 'model_not_json'),
  fault('invalid UTF-8', 'invalid_utf8', 'model_not_json'),
  fault('a line of 64 MiB', 'long_line', 'model_body_too_large'),
  fault('endless tokens', 'endless_tokens', 'model_body_too_large'),
  fault('bytes split anywhere, also inside a letter', 'split_bytes', 'completed'),
  fault('[DONE] twice', 'duplicate_done', 'completed'),
  fault('[DONE] without an end (JSON: no end)', 'done_without_end', 'completed', 'no_first_text'),
  fault('silence after the finish reason (JSON: no end)', 'stall_after_finish', 'completed', 'no_first_text'),
  { ...finish('length', 'completed'), finishReason: 'length' },
  finish('content_filter', 'model_content_filtered'),
  finish('tool_calls', 'model_unexpected_tool_call'),
  finish('function_call', 'model_unexpected_tool_call'),
  finish('tired', 'model_finish_reason_unknown'),
  fault('a tool call that nobody asked for', 'tool_call', 'model_unexpected_tool_call'),
];
