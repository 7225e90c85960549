import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sessionStream } from '@turnledger/shared/contracts';
import { type ModelTwin, startModelTwin, type TwinBehaviour, type TwinFault } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { openEventStream } from './testing/event-stream.ts';
import { askingTwin, type HttpCalls, type HttpReply, httpCalls } from './testing/http-calls.ts';
import { eventRows } from './testing/stored-rows.ts';

const TEXT = 'I was at the customs house until the bells rang eleven.';
const FALLBACK = 'Marta looks away.';

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let calls: HttpCalls;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  calls = httpCalls(turnledger.url);
  const scenario = { persona: { name: 'Marta' }, fallback_lines: [FALLBACK] };
  await calls.post('/llm/configure', { ...scenario, scenario_id: 'patient' });
  await calls.post('/llm/configure', { ...scenario, scenario_id: 'once', retry: { max_attempts: 1 } });
  const deadlines = { first_token_ms: 200, total_ms: 500 };
  await calls.post('/llm/configure', { ...scenario, scenario_id: 'hasty', deadlines });
});
beforeEach(() => twin.reset());
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

const ask = (scenario_id: string) => calls.generate({ prompt: 'Where were you?', scenario_id });
const eventsOf = async ({ body }: HttpReply) => {
  const rows = await eventRows(turnledger.dataDir, sessionStream(body.session_id));
  return rows.map(({ type, data }) => ({ type, data: JSON.parse(data) as { [name: string]: unknown } }));
};
/** Nothing of the turn may look like a reply, whoever asks and however. */
const expectNoReply = async ({ body }: HttpReply, status: string) => {
  const [turn, replay] = await Promise.all([
    calls.get(`${body.links.turn}?min_position=${body.log_position}`),
    calls.get(`${body.links.session}/replay`),
  ]);
  expect(turn.body).toMatchObject({ status, response: null, output: null, finish_reason: null, fallback: FALLBACK });
  expect(JSON.parse(replay.text).turns).toEqual([turn.body]);
};

const finalFaults: readonly { readonly reason: string; readonly behaviour: TwinBehaviour; readonly calls: number }[] = [
  { reason: 'model_unauthorized', behaviour: { fault: { kind: 'status', status: 401 } }, calls: 1 },
  { reason: 'model_request_refused', behaviour: { fault: { kind: 'status', status: 400 } }, calls: 1 },
  { reason: 'model_not_found', behaviour: { fault: { kind: 'status', status: 404 } }, calls: 1 },
  { reason: 'model_redirected', behaviour: { fault: { kind: 'redirect' } }, calls: 1 },
  { reason: 'model_content_filtered', behaviour: { finishReason: 'content_filter' }, calls: 1 },
  { reason: 'model_finish_reason_unknown', behaviour: { finishReason: 'tired' }, calls: 1 },
  { reason: 'model_unexpected_tool_call', behaviour: { fault: { kind: 'tool_call' } }, calls: 1 },
  { reason: 'model_body_too_large', behaviour: { fault: { kind: 'long_line' } }, calls: 1 },
  { reason: 'model_body_too_large', behaviour: { fault: { kind: 'endless_tokens' } }, calls: 1 },
  { reason: 'model_rate_limited', behaviour: { fault: { kind: 'status', status: 429, retryAfter: '600' } }, calls: 1 },
  { reason: 'model_not_json', behaviour: { fault: { kind: 'html' } }, calls: 3 },
  { reason: 'model_empty', behaviour: { fault: { kind: 'empty_body' } }, calls: 3 },
  { reason: 'model_empty', behaviour: { text: '' }, calls: 3 },
  { reason: 'model_not_json', behaviour: { fault: { kind: 'broken_json' } }, calls: 3 },
  { reason: 'model_stream_cut', behaviour: { fault: { kind: 'cut_mid_stream' } }, calls: 3 },
  { reason: 'model_stream_cut', behaviour: { fault: { kind: 'no_finish_reason' } }, calls: 3 },
  { reason: 'model_stream_cut', behaviour: { fault: { kind: 'reset_mid_stream' } }, calls: 3 },
  { reason: 'model_unreachable', behaviour: { fault: { kind: 'reset' } }, calls: 3 },
];

test.each(finalFaults)('$reason after $calls calls: $behaviour', async ({ reason, behaviour, calls: expected }) => {
  twin.plan({ text: TEXT, ...behaviour });
  const reply = await ask('patient');
  expect(reply).toMatchObject({ status: 502, body: { code: 'turn_failed', reason, fallback: FALLBACK } });
  expect(reply.headers.get('x-should-retry')).toBe('false');
  expect(reply.text).not.toContain('customs house');
  expect(twin.totalCalls).toBe(expected);
  await expectNoReply(reply, 'failed');
  const events = await eventsOf(reply);
  expect(events.filter(({ type }) => type === 'TurnStarted')).toHaveLength(expected);
  expect(events.filter(({ type }) => type === 'TurnAttemptFailed').map(({ data }) => data.code)).toEqual(
    Array.from({ length: expected }, () => reason),
  );
  expect(events.filter(({ type }) => type === 'TurnFailed')).toHaveLength(1);
});

test('a stream of a turn that fails shows the restart and ends with the failure, no matter what was said before', async () => {
  twin.plan({ text: TEXT, fault: { kind: 'cut_mid_stream' } });
  const stream = await openEventStream(`${turnledger.url}/llm/generate`, {
    body: { prompt: 'Well?', stream: true, scenario_id: 'patient' },
  });
  const { events } = await stream.closed;
  const starts = events.filter(({ event }) => event === 'turn.started');
  expect(starts.map(({ id }) => id)).toEqual([1_000_000, 2_000_000, 3_000_000]);
  const ending = events.at(-1)?.data;
  expect(events.at(-1)?.event).toBe('turn.failed');
  expect(ending).toMatchObject({ response: null, fallback: FALLBACK, error: { code: 'model_stream_cut' } });
});

const recoveries: readonly { readonly fault: TwinFault; readonly waitMs?: number }[] = [
  { fault: { kind: 'status', status: 500 } },
  { fault: { kind: 'status', status: 503 } },
  { fault: { kind: 'cut_mid_stream' } },
  { fault: { kind: 'close' } },
  { fault: { kind: 'status', status: 429, retryAfter: '1' }, waitMs: 1_000 },
];

test.each(recoveries)('$fault, then well: completed at the second attempt', async ({ fault, waitMs = 0 }) => {
  twin.plan(() => (twin.totalCalls === 1 ? { text: 'Half a', fault } : { text: TEXT }));
  const askedAtMs = performance.now();
  const reply = await ask('patient');
  expect(reply).toMatchObject({ status: 200, body: { response: TEXT, attempts: 2, finish_reason: 'stop' } });
  expect(performance.now() - askedAtMs).toBeGreaterThanOrEqual(waitMs);
  expect(twin.totalCalls).toBe(2);
});

test('a reply cut by its token limit is completed, and says so', async () => {
  twin.plan({ text: TEXT, finishReason: 'length' });
  expect(await ask('patient')).toMatchObject({ status: 200, body: { response: TEXT, finish_reason: 'length' } });
});

const slow: readonly {
  readonly what: string;
  readonly behaviour: TwinBehaviour;
  readonly dueMs: number;
  readonly phase: string;
}[] = [
  { what: 'no headers', behaviour: { fault: { kind: 'headers_never' } }, dueMs: 200, phase: 'first_token' },
  {
    what: 'headers and no token',
    behaviour: { fault: { kind: 'stall_after_headers' } },
    dueMs: 200,
    phase: 'first_token',
  },
  {
    what: 'comments and no token',
    behaviour: { tokenDelayMs: 20, fault: { kind: 'comment_drip' } },
    dueMs: 200,
    phase: 'first_token',
  },
  { what: 'tokens for too long', behaviour: { text: TEXT.repeat(20), tokenDelayMs: 20 }, dueMs: 500, phase: 'total' },
  {
    what: 'a stall after half',
    behaviour: { text: TEXT, fault: { kind: 'stall_mid_stream' } },
    dueMs: 500,
    phase: 'total',
  },
];

test.each(slow)('$what: timed out after $dueMs ms, in phase $phase', async ({ behaviour, dueMs, phase }) => {
  twin.plan(behaviour);
  const askedAtMs = performance.now();
  const reply = await ask('hasty');
  const elapsedMs = performance.now() - askedAtMs;
  expect(reply).toMatchObject({ status: 504, body: { code: 'turn_timed_out', fallback: FALLBACK } });
  expect(elapsedMs).toBeGreaterThanOrEqual(dueMs);
  expect(elapsedMs).toBeLessThan(dueMs + 300);
  expect(twin.totalCalls).toBe(1);
  while (twin.calls[0]?.isAborted !== true) await new Promise((resolve) => setImmediate(resolve));
  const events = await eventsOf(reply);
  expect(events.slice(-2).map(({ type }) => type)).toEqual(['TurnTimedOut', 'AttemptSettled']);
  expect(events.at(-2)?.data).toMatchObject({ phase });
  await expectNoReply(reply, 'timed_out');
});

test('a failed turn leaves its session open: the next one is answered, with the fallback line as what was said', async () => {
  const session = (await calls.post('/v1/sessions', { scenario_id: 'once' })).body.id;
  twin.plan({ fault: { kind: 'status', status: 500 } });
  expect((await calls.post(`/v1/sessions/${session}/turns`, { prompt: 'One.' })).body.reason).toBe(
    'model_server_error',
  );
  twin.plan({ text: TEXT });
  expect((await calls.post(`/v1/sessions/${session}/turns`, { prompt: 'Two.' })).status).toBe(200);
  expect(JSON.parse(twin.calls.at(-1)?.body ?? '').messages.slice(1)).toEqual([
    { role: 'user', content: 'One.' },
    { role: 'assistant', content: FALLBACK },
    { role: 'user', content: 'Two.' },
  ]);
});

test('a model that is down fails each attempt as unreachable, and costs nothing', async () => {
  await twin.close();
  const reply = await ask('patient');
  expect(reply).toMatchObject({ status: 502, body: { reason: 'model_unreachable', fallback: FALLBACK } });
  const failed = (await eventsOf(reply)).filter(({ type }) => type === 'TurnAttemptFailed');
  expect(failed.map(({ data }) => data.usage)).toEqual(
    Array.from({ length: 3 }, () => expect.objectContaining({ input: 0, output: 0 })),
  );
  await expectNoReply(reply, 'failed');
});
