import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { metricSamples } from '@turnledger/shared/testing';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { openEventStream } from './testing/event-stream.ts';
import { askingTwin, type HttpCalls, httpCalls } from './testing/http-calls.ts';

const CALL = 'endpoint="default",model="twin-1"';

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let calls: HttpCalls;
let before: { readonly [sample: string]: number };

const scrape = async () => metricSamples((await calls.get('/metrics')).text);

/** How much a figure has grown in this test. */
const grown = (now: { readonly [sample: string]: number }, sample: string) =>
  (now[sample] ?? 0) - (before[sample] ?? 0);

/** The figures once `sample` has grown to `expected`: they are counted from the log, a moment after the answer. */
async function scrapedWhen(sample: string, expected: number): Promise<{ readonly [sample: string]: number }> {
  for (;;) {
    const now = await scrape();
    if (grown(now, sample) >= expected) return now;
  }
}

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  calls = httpCalls(turnledger.url);
  await calls.post('/llm/configure', { scenario_id: 'once', retry: { max_attempts: 1 } });
  await calls.post('/llm/configure', { scenario_id: 'twice', retry: { max_attempts: 2 } });
});
beforeEach(async () => {
  twin.reset();
  before = await scrape();
});
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

test('the figures are text that Prometheus takes', async () => {
  const reply = await calls.get('/metrics');
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = reply.text.trimEnd().split('\n');
  const malformed = lines.filter(
    (line) =>
      line !== '' && !/^(# (HELP|TYPE) [a-z0-9_]+ .+|[a-z_:][a-z0-9_:]*(\{[^}]*\})? [-+0-9.eInfNa]+)$/i.test(line),
  );
  expect(malformed).toEqual([]);
  const counters = lines.flatMap((line) => /^# TYPE (turnledger_\S+) counter$/.exec(line)?.[1] ?? []);
  expect(counters.filter((name) => !name.endsWith('_total'))).toEqual([]);
});

test('a completed turn is counted with its call, its tokens and what Turnledger added to it', async () => {
  twin.plan({ text: 'At the harbour, and nowhere else.', tokenDelayMs: 20 });
  await calls.generate({ prompt: 'Where were you?' });
  const now = await scrapedWhen('turnledger_turns_total{status="completed",reason="stop"}', 1);
  expect(grown(now, `turnledger_model_calls_total{${CALL},outcome="completed"}`)).toBe(1);
  expect(grown(now, `turnledger_model_tokens_total{${CALL},kind="output"}`)).toBeGreaterThan(0);
  expect(grown(now, 'turnledger_turn_overhead_seconds_count')).toBe(1);
  const overhead = grown(now, 'turnledger_turn_overhead_seconds_sum');
  const total = grown(now, 'turnledger_turn_duration_seconds_sum{status="completed"}');
  const model = grown(now, `turnledger_model_call_duration_seconds_sum{${CALL}}`);
  expect(overhead).toBeCloseTo(total - model, 3);
  expect(grown(now, 'turnledger_http_requests_total{route="/llm/generate",method="POST",status="200"}')).toBe(1);
  expect(now).toMatchObject({ turnledger_open_turns: 0, turnledger_queue_depth: 0, turnledger_running_turns: 0 });
});

test('a failed turn is counted with its reason, and each attempt under its code', async () => {
  twin.plan({ fault: { kind: 'status', status: 503 } });
  await calls.generate({ prompt: 'Well?', scenario_id: 'twice' });
  const now = await scrapedWhen('turnledger_turns_total{status="failed",reason="model_overloaded"}', 1);
  expect(grown(now, `turnledger_model_calls_total{${CALL},outcome="model_overloaded"}`)).toBe(2);
  expect(grown(now, 'turnledger_turn_attempts_sum')).toBe(2);
  expect(grown(now, 'turnledger_http_requests_total{route="/llm/generate",method="POST",status="502"}')).toBe(1);
});

test('a turn is open while it runs, and a cancelled one pays for what came', async () => {
  twin.plan({ text: 'One two three four five six seven eight.', fault: { kind: 'stall_mid_stream' } });
  const stream = await openEventStream(`${turnledger.url}/llm/generate`, { body: { prompt: 'Go on.', stream: true } });
  const [requested, , delta] = await stream.arrivals.until(3);
  expect([requested?.event, delta?.event]).toEqual(['turn.requested', 'reply.delta']);
  expect(await scrape()).toMatchObject({ turnledger_open_turns: 1, turnledger_running_turns: 1 });
  await calls.post(`/v1/sessions/${requested?.data.session_id}/turns/${delta?.data.turn_id}/cancel`, {});
  await stream.closed;
  const now = await scrapedWhen(`turnledger_model_calls_total{${CALL},outcome="cancelled"}`, 1);
  expect(grown(now, 'turnledger_turns_total{status="cancelled",reason="requested"}')).toBe(1);
  expect(now.turnledger_open_turns).toBe(0);
});

test('a re-run is in hand while its turns are asked, and is no turn of a player', async () => {
  await calls.post('/llm/configure', { scenario_id: 'brief', deadlines: { first_token_ms: 1_000, total_ms: 1_000 } });
  const { body } = await calls.generate({ prompt: 'Go on.', scenario_id: 'brief' });
  await scrapedWhen('turnledger_turns_total{status="completed",reason="stop"}', 1);
  // For as long as its deadline lets it.
  twin.plan({ fault: { kind: 'stall_mid_stream' } });
  await calls.post(`/v1/sessions/${body.session_id}/reruns`, { reuse: false });
  const now = await scrapedWhen('turnledger_running_reruns', 1);
  expect(now).toMatchObject({ turnledger_open_turns: 0, turnledger_queue_depth: 0, turnledger_running_turns: 0 });
  while ((await scrape()).turnledger_running_reruns !== 0);
});

test('requests are told apart by route, never by path, and what meets none is none', async () => {
  await Promise.all([
    calls.get('/v1/sessions/not-a-session'),
    calls.get('/secret/place'),
    calls.get('/docs/nothing.js'),
  ]);
  const now = await scrapedWhen('turnledger_http_requests_total{route="none",method="GET",status="404"}', 1);
  expect(grown(now, 'turnledger_http_requests_total{route="/v1/sessions/:session_id",method="GET",status="404"}')).toBe(
    1,
  );
  expect(grown(now, 'turnledger_http_requests_total{route="/docs/:file",method="GET",status="404"}')).toBe(1);
  expect(Object.keys(now).filter((name) => /secret|not-a-session/.test(name))).toEqual([]);
});

test('nothing that a game or a player chose is in any figure', async () => {
  await calls.post('/v1/sessions', {
    player_id: 'player-of-note',
    game_id: 'game-of-note',
    metadata: { a: 'word-of-note' },
  });
  await calls.generate({ prompt: 'word-of-note', player_id: 'player-of-note', game_id: 'game-of-note' });
  await scrapedWhen('turnledger_turns_total{status="completed",reason="stop"}', 1);
  const { text } = await calls.get('/metrics');
  expect(text).not.toMatch(/of-note|[0-9a-f]{8}-[0-9a-f]{4}-/);
});

test('projectors show where they are, and the process how it is', async () => {
  await calls.generate({ prompt: 'One more.', scenario_id: 'once' });
  await scrapedWhen('turnledger_turns_total{status="completed",reason="stop"}', 1);
  const now = await scrape();
  const head = now.turnledger_log_head_position ?? 0;
  expect(head).toBeGreaterThan(0);
  for (const projector of ['relay', 'read-models']) {
    expect(now[`turnledger_projector_position{projector="${projector}"}`]).toBeLessThanOrEqual(head);
    expect(now[`turnledger_projector_lag_seconds{projector="${projector}"}`]).toBeGreaterThanOrEqual(0);
  }
  expect(now.nodejs_eventloop_lag_p99_seconds).toBeGreaterThan(0);
  expect(now.process_resident_memory_bytes).toBeGreaterThan(0);
});
