import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { sessionStream } from '@turnledger/shared/contracts';
import { firstBrokenLink } from '@turnledger/shared/trust';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { CLUSTER_NAME } from './postgres/place-cluster.ts';
import { findPostmaster } from './postgres/postmaster.ts';
import { testFolderPath } from './postgres/testing/test-folder.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { openEventStream } from './testing/event-stream.ts';
import { askingTwin, httpCalls } from './testing/http-calls.ts';
import { eventRows } from './testing/stored-rows.ts';

const ADOPTED = 'was still running and is used again';
const ENDINGS = new Set(['TurnCompleted', 'TurnFailed', 'TurnCancelled', 'TurnTimedOut']);

let twin: ModelTwin;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
});
afterEach(() => twin.reset());
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

/** One folder for all tests: what one leaves running the next one kills. */
const dataDir = testFolderPath();
let running: EmbeddedProcess | undefined;
const start = async (): Promise<EmbeddedProcess> => {
  running = await startEmbeddedProcess({ dataDir, env: askingTwin(twin) });
  return running;
};
const startOnce = async (): Promise<EmbeddedProcess> => running ?? start();

test('a turn under way at kill -9 is finished by the next start: one ending, and its key gives that reply', async () => {
  twin.plan({ text: 'I was at the customs house.', fault: { kind: 'stall_mid_stream' } });
  const first = await startOnce();
  const headers = { 'idempotency-key': '"the-accusation"' };
  const body = { prompt: 'Where were you?', player_id: 'player-1' };
  const stream = await openEventStream(`${first.url}/llm/generate`, { body: { ...body, stream: true }, headers });
  const [requested] = await stream.arrivals.until(3);
  await first.kill9();
  expect((await stream.closed).isCut).toBe(true);

  twin.plan({ text: 'I was at home.' });
  const second = await start();
  expect(second.stderr()).toContain(ADOPTED);
  const again = await httpCalls(second.url).generate(body, headers);
  const id = requested?.data.turn_id ?? '';
  expect(again).toMatchObject({ status: 200, body: { id, response: 'I was at home.', attempts: 2 } });
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect((await httpCalls(second.url).generate(body, headers)).text).toBe(again.text);
  expect(twin.totalCalls).toBe(2);

  const rows = await eventRows(dataDir, sessionStream(again.body.session_id));
  expect(rows.map(({ type }) => type)).toEqual([
    'SessionStarted',
    'TurnRequested',
    'TurnStarted',
    'TurnAttemptFailed',
    'TurnStarted',
    'TurnCompleted',
  ]);
  expect(rows.filter(({ type }) => ENDINGS.has(type))).toHaveLength(1);
  expect(JSON.parse(rows[3]?.data ?? '')).toMatchObject({ turnId: id, attempt: 1, code: 'worker_lost' });
  expect(firstBrokenLink(rows)).toBeUndefined();
  const resumed = await openEventStream(`${second.url}${again.body.links.stream}`, {
    headers: { 'last-event-id': '1000001' },
  });
  expect((await resumed.closed).events.at(-1)).toMatchObject({
    event: 'turn.completed',
    data: { response: 'I was at home.' },
  });
});

test('a turn killed at each of its attempts fails as worker_lost once none is left, with its fallback line', async () => {
  twin.plan({ fault: { kind: 'headers_never' } });
  const first = await startOnce();
  await httpCalls(first.url).post('/llm/configure', { retry: { max_attempts: 1 }, fallback_lines: ['Not now.'] });
  const headers = { 'idempotency-key': 'one-try', prefer: 'respond-async' };
  const asked = await httpCalls(first.url).generate({ prompt: 'Well?' }, headers);
  expect(asked.status).toBe(202);
  while (twin.totalCalls === 0) await new Promise((resolve) => setImmediate(resolve));
  await first.kill9();

  const second = await start();
  const again = await httpCalls(second.url).generate({ prompt: 'Well?' }, { 'idempotency-key': 'one-try' });
  expect(again).toMatchObject({
    status: 502,
    body: { code: 'turn_failed', reason: 'worker_lost', fallback: 'Not now.', turn_id: asked.body.id },
  });
  expect(twin.totalCalls).toBe(1);
});

test('kill -9 while idle loses nothing, also when PostgreSQL is killed with it', async () => {
  const first = await startOnce();
  const { body } = await httpCalls(first.url).generate({ prompt: 'Hello?' });
  await first.kill9();
  const cluster = await realpath(join(dataDir, CLUSTER_NAME));
  const left = await findPostmaster(cluster);
  if (left.state === 'ready') process.kill(left.pid, 'SIGKILL');

  const second = await start();
  expect(second.stderr()).toBe('');
  const turn = await httpCalls(second.url).get(`${body.links.turn}?min_position=${body.log_position}`);
  expect(turn).toMatchObject({ status: 200, body: { id: body.id, status: 'completed', response: body.response } });
});
