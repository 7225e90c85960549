import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sessionStream } from '@turnledger/shared/contracts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { joinedText, openEventStream } from './testing/event-stream.ts';
import { askingTwin, type HttpCalls, httpCalls } from './testing/http-calls.ts';
import { eventRows } from './testing/stored-rows.ts';

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let calls: HttpCalls;
let lastKey = 0;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  calls = httpCalls(turnledger.url);
});
beforeEach(() => twin.reset());
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

const freshKey = () => {
  lastKey += 1;
  return { 'idempotency-key': `action-${lastKey}` };
};
const openSession = async (): Promise<string> => (await calls.post('/v1/sessions', { player_id: 'player-1' })).body.id;
const turnEvents = async (sessionId: string) =>
  (await eventRows(turnledger.dataDir, sessionStream(sessionId))).map(({ type }) => type);

test('the same key and body again answers the same, without a call, and says so', async () => {
  const headers = freshKey();
  const first = await calls.generate({ prompt: 'Where were you?' }, headers);
  const again = await calls.generate({ prompt: 'Where were you?' }, headers);
  expect(first.status).toBe(200);
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  expect(again).toMatchObject({ status: 200, text: first.text });
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(twin.totalCalls).toBe(1);
});

test('a key in quotes is the key without them', async () => {
  const { 'idempotency-key': key } = freshKey();
  const bare = await calls.generate({ prompt: 'Hm?' }, { 'idempotency-key': key });
  expect((await calls.generate({ prompt: 'Hm?' }, { 'idempotency-key': `"${key}"` })).body.id).toBe(bare.body.id);
});

test.each(['a new session', 'an open one'])(
  '200 equal requests at once in %s: one turn, one call, 200 equal answers',
  async (where) => {
    twin.plan({ text: 'Only once.', latencyMs: 50 });
    const headers = freshKey();
    const path = where === 'a new session' ? '/llm/generate' : `/v1/sessions/${await openSession()}/turns`;
    const replies = await Promise.all(
      Array.from({ length: 200 }, () => calls.post(path, { prompt: 'Where were you?' }, headers)),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies[0]?.body).toMatchObject({ response: 'Only once.', attempts: 1 });
    expect(twin.totalCalls).toBe(1);
    expect(await turnEvents(replies[0]?.body.session_id ?? '')).toEqual([
      'SessionStarted',
      'TurnRequested',
      'TurnStarted',
      'TurnCompleted',
    ]);
  },
);

test('the same key for another body is refused, whatever the other body is', async () => {
  const headers = freshKey();
  await calls.generate({ prompt: 'Where were you?' }, headers);
  for (const other of [
    { prompt: 'Where were you' },
    { prompt: 'Where were you?', temperature: 0 },
    { prompt: 'Where were you?', metadata: { a: 1 } },
  ]) {
    expect(await calls.generate(other, headers)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  }
  expect(twin.totalCalls).toBe(1);
});

test('how the answer is to come is not part of the body: the turn is streamed again', async () => {
  const headers = freshKey();
  const first = await calls.generate({ prompt: 'Where were you?' }, headers);
  const stream = await openEventStream(`${turnledger.url}/llm/generate`, {
    body: { prompt: 'Where were you?', stream: true },
    headers,
  });
  const { events } = await stream.closed;
  expect(stream.headers['idempotency-replayed']).toBe('true');
  expect(joinedText(events)).toBe(first.body.response);
  expect(events.at(-1)?.data.id).toBe(first.body.id);
  expect(twin.totalCalls).toBe(1);
});

test('who asks again while the turn runs is attached to it', async () => {
  twin.plan({ text: 'In a moment, in a moment.', tokenDelayMs: 40 });
  const headers = freshKey();
  const session = await openSession();
  const accepted = await calls.post(
    `/v1/sessions/${session}/turns`,
    { prompt: 'Now?' },
    { ...headers, prefer: 'respond-async' },
  );
  expect(accepted).toMatchObject({ status: 202, body: { response: null } });
  expect(accepted.headers.get('location')).toBe(accepted.body.links.turn);
  expect(accepted.headers.get('preference-applied')).toBe('respond-async');
  const attached = await calls.post(`/v1/sessions/${session}/turns`, { prompt: 'Now?' }, headers);
  expect(attached).toMatchObject({
    status: 200,
    body: { id: accepted.body.id, response: 'In a moment, in a moment.' },
  });
  expect(twin.totalCalls).toBe(1);
});

test('a failed turn asked for again fails as it did: a new try needs a new key', async () => {
  twin.plan({ fault: { kind: 'status', status: 401 } });
  const headers = freshKey();
  const first = await calls.generate({ prompt: 'Where were you?' }, headers);
  twin.plan({});
  const again = await calls.generate({ prompt: 'Where were you?' }, headers);
  const { trace_id: _first, ...failure } = first.body as unknown as Record<string, unknown>;
  expect(first).toMatchObject({ status: 502, body: { code: 'turn_failed', reason: 'model_unauthorized' } });
  expect(again).toMatchObject({ status: 502, body: failure });
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(again.headers.get('x-should-retry')).toBe('false');
  expect(twin.totalCalls).toBe(1);
});

test('without a key each request is a turn of its own, and the key that was made comes back', async () => {
  const replies = [await calls.generate({ prompt: 'Hello.' }), await calls.generate({ prompt: 'Hello.' })];
  expect(new Set(replies.map(({ body }) => body.id)).size).toBe(2);
  expect(twin.totalCalls).toBe(2);
  const made = replies[0]?.headers.get('idempotency-key') ?? '';
  const again = await calls.generate({ prompt: 'Hello.' }, { 'idempotency-key': made });
  expect(again.body.id).toBe(replies[0]?.body.id);
});

test('two different turns at once in one session: one is answered, the other refused with the open one', async () => {
  twin.plan({ latencyMs: 150 });
  const session = await openSession();
  const replies = await Promise.all(
    ['One.', 'Two.'].map((prompt) => calls.post(`/v1/sessions/${session}/turns`, { prompt })),
  );
  const answered = replies.find(({ status }) => status === 200);
  const refused = replies.find(({ status }) => status === 409);
  expect(refused).toMatchObject({ body: { code: 'turn_open', turn_id: answered?.body.id } });
  expect(refused?.headers.get('x-should-retry')).toBe('false');
  expect(twin.totalCalls).toBe(1);
});

test('a session is started once for a key', async () => {
  const headers = freshKey();
  const body = { player_id: 'player-1', game_id: 'harbour' };
  const first = await calls.post('/v1/sessions', body, headers);
  const again = await calls.post('/v1/sessions', body, headers);
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.body.id).toBe(first.body.id);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  // Another game's key is another key.
  expect((await calls.post('/v1/sessions', { ...body, game_id: 'castle' }, headers)).body.id).not.toBe(first.body.id);
});
