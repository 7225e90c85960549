import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type EventStream, joinedText, openEventStream } from './testing/event-stream.ts';
import { askingTwin, type HttpCalls, httpCalls } from './testing/http-calls.ts';

const ENDING = 1_000_000_000;
const LINE = 'The ledger says I was at the customs house until the bells rang eleven, and the clerk will swear to it.';

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let calls: HttpCalls;
const streams: EventStream[] = [];

const follow = async (...parameters: Parameters<typeof openEventStream>): Promise<EventStream> => {
  const stream = await openEventStream(`${turnledger.url}${parameters[0]}`, parameters[1]);
  streams.push(stream);
  return stream;
};
const ask = () => follow('/llm/generate', { body: { prompt: 'Where were you?', stream: true } });
/** The first event of a stream: where its turn is. */
const requested = async (stream: EventStream) => {
  const [first] = await stream.arrivals.until(1);
  if (first?.event !== 'turn.requested') throw new TurnledgerError('invariant_broken', { detail: 'no request first' });
  const { data } = first;
  return { data, path: `/v1/sessions/${data.session_id}/turns/${data.turn_id}/stream` };
};
const openSession = async (): Promise<string> => (await calls.post('/v1/sessions', {})).body.id;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  calls = httpCalls(turnledger.url);
});

beforeEach(() => {
  twin.reset();
  twin.plan({ text: LINE, tokenDelayMs: 20 });
  for (const stream of streams.splice(0)) stream.leave();
});

afterAll(async () => {
  for (const stream of streams) stream.leave();
  await endEmbedded();
  await twin.close();
});

test('a stream is requested, started, deltas without gaps, and one ending that carries the whole turn', async () => {
  const stream = await ask();
  const { events } = await stream.closed;
  const deltas = events.slice(2, -1);
  expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(events.map(({ event }) => event)).toEqual([
    'turn.requested',
    'turn.started',
    ...deltas.map(() => 'reply.delta'),
    'turn.completed',
  ]);
  expect(events.map(({ id }) => id)).toEqual([1, 1_000_000, ...deltas.map((_, index) => 1_000_001 + index), ENDING]);
  expect(deltas.length).toBeGreaterThan(5);
  expect(events[1]?.data).toEqual({ turn_id: events[0]?.data.turn_id, attempt: 1, model: 'twin-1' });
  expect(joinedText(events)).toBe(LINE);
  expect(events.at(-1)?.data).toMatchObject({ status: 'completed', response: LINE, output: LINE, attempts: 1 });
});

test('the first delta arrives before the reply is whole', async () => {
  const stream = await ask();
  const { path, data } = await requested(stream);
  await stream.arrivals.until(3);
  const turn = await calls.get(`${path.replace(/\/stream$/, '')}?min_position=${data.log_position}`);
  expect(turn.body).toMatchObject({ status: expect.stringMatching(/^(requested|started)$/), response: null });
  expect((await stream.closed).events.at(-1)?.data.response).toBe(LINE);
});

test('Accept asks for a stream as "stream": true does', async () => {
  const stream = await follow('/llm/generate', { body: { prompt: 'Hm?' }, headers: { accept: 'text/event-stream' } });
  expect((await stream.closed).events.at(-1)).toMatchObject({ id: ENDING, event: 'turn.completed' });
});

test.each(['last-event-id', 'after'] as const)(
  'a dropped stream resumes by %s without gap or repetition',
  async (how) => {
    const dropped = await ask();
    const { path } = await requested(dropped);
    const before = await dropped.arrivals.until(5);
    dropped.leave();
    const seen = before.length;
    const last = before[seen - 1]?.id ?? 0;
    const resumed =
      how === 'after'
        ? await follow(`${path}?after=${last}`)
        : await follow(path, { headers: { 'last-event-id': String(last) } });
    const events = [...before.slice(0, seen), ...(await resumed.closed).events];
    const deltas = events.filter(({ event }) => event === 'reply.delta');
    expect(deltas.map(({ id }) => id)).toEqual(deltas.map((_, index) => 1_000_001 + index));
    expect(joinedText(events)).toBe(LINE);
    expect(events.filter(({ event }) => event === 'turn.completed')).toHaveLength(1);
  },
);

test('a reader who has the ending gets 204', async () => {
  const stream = await ask();
  const { path } = await requested(stream);
  await stream.closed;
  expect((await calls.get(path, { 'last-event-id': String(ENDING) })).status).toBe(204);
  expect((await calls.get(`${path}?after=${ENDING}`)).status).toBe(204);
});

test('a reader who comes late gets everything from the start, as one who comes after the end does', async () => {
  const stream = await ask();
  const { path } = await requested(stream);
  await stream.arrivals.until(6);
  const late = await (await follow(path)).closed;
  const after = await (await follow(path)).closed;
  const { events } = await stream.closed;
  const shown = (all: typeof events) => all.map(({ id, event }) => ({ id, event }));
  expect(shown(late.events)).toEqual(shown(events));
  expect(shown(after.events)).toEqual(shown(events));
  expect(joinedText(after.events)).toBe(LINE);
});

test('a client that leaves mid-stream cancels nothing', async () => {
  const stream = await ask();
  const { path } = await requested(stream);
  await stream.arrivals.until(4);
  stream.leave();
  const { events } = await (await follow(path)).closed;
  expect(events.at(-1)).toMatchObject({ event: 'turn.completed', data: { response: LINE, attempts: 1 } });
  expect(twin.totalCalls).toBe(1);
});

test('a client that leaves while it waits is nothing to log', async () => {
  const leaving = new AbortController();
  const session = await openSession();
  const waiting = fetch(`${turnledger.url}/v1/sessions/${session}/turns`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'Hello?' }),
    signal: leaving.signal,
  });
  while (twin.totalCalls === 0) await new Promise((resolve) => setImmediate(resolve));
  leaving.abort();
  await expect(waiting).rejects.toThrow();
  const { body } = await calls.post(`/v1/sessions/${session}/end`, {});
  expect(body).toMatchObject({ status: 'ended' });
  expect(turnledger.stderr()).not.toContain('"level":"error"');
});

test('a reply of 200 KiB reaches a reader who reads, whole and with its ending', async () => {
  const text = `${'word-'.repeat(200)} `.repeat(200);
  twin.plan({ text, tokenDelayMs: 1 });
  const stream = await ask();
  const { events, isCut } = await stream.closed;
  expect(isCut).toBe(false);
  expect(events.at(-1)?.event).toBe('turn.completed');
  expect(events.at(-1)?.data.response).toHaveLength(text.length);
});

test('a reader who reads nothing until the end holds nobody up and misses nothing, cut or not', async () => {
  twin.plan({ text: `${'word-'.repeat(200)} `.repeat(200), tokenDelayMs: 1 });
  const session = await openSession();
  const asked = await calls.post(`/v1/sessions/${session}/turns`, { prompt: 'Go on.' }, { prefer: 'respond-async' });
  const slow = await follow(asked.body.links.stream, { isPaused: true });
  const { events } = await (await follow(asked.body.links.stream)).closed;
  slow.resume();
  const read = [...(await slow.closed).events];
  const last = read.at(-1)?.id ?? 0;
  if (last < ENDING) read.push(...(await (await follow(`${asked.body.links.stream}?after=${last}`)).closed).events);
  expect(read.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  expect(joinedText(read)).toBe(joinedText(events));
});

test('cancelling mid-stream ends the stream, closes the call within a second and marks what was said', async () => {
  const session = await openSession();
  const stream = await follow(`/v1/sessions/${session}/turns`, { body: { prompt: 'Go on.', stream: true } });
  const { path } = await requested(stream);
  await stream.arrivals.until(6);
  const askedAtMs = performance.now();
  const cancelled = await calls.post(path.replace(/\/stream$/, '/cancel'), {});
  while (twin.calls[0]?.isAborted !== true) await new Promise((resolve) => setImmediate(resolve));
  expect(performance.now() - askedAtMs).toBeLessThan(1_000);
  expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  const { events } = await stream.closed;
  expect(events.at(-1)).toMatchObject({ id: ENDING, event: 'turn.cancelled', data: { status: 'cancelled' } });
  const partial = events.at(-1)?.data.response ?? '';
  expect(partial).not.toBe('');
  expect(LINE.startsWith(partial)).toBe(true);
  expect(joinedText(events).startsWith(partial) || partial.startsWith(joinedText(events))).toBe(true);

  twin.plan({ text: 'As I was saying.' });
  expect((await calls.post(`/v1/sessions/${session}/turns`, { prompt: 'And then?' })).status).toBe(200);
  const { messages } = JSON.parse(twin.calls.at(-1)?.body ?? '');
  expect(messages.slice(1)).toEqual([
    { role: 'user', content: 'Go on.' },
    { role: 'assistant', content: `${partial} — (interrupted)` },
    { role: 'user', content: 'And then?' },
  ]);
});
