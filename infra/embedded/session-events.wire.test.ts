import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTurnledgerClient, type StartedSession, type TurnledgerClient } from '@turnledger/shared/client';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type EventStream, joinedText, openEventStream, type ReceivedEvent } from './testing/event-stream.ts';
import { askingTwin, type HeaderRecord, type HttpCalls, httpCalls } from './testing/http-calls.ts';
import { askingForTokens, gameToken, operatorToken, playerToken } from './testing/token-holders.ts';

const LINE = 'The ledger says I was at the customs house until the bells rang eleven, and the clerk will swear to it.';
const SECRET = 'umbrellastand';
const scenarioId = 'lisbon-ledger.marta';

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let operator: HeaderRecord;
let alice: HeaderRecord;
let calls: HttpCalls;
let client: TurnledgerClient;
let session: StartedSession;
let path: string;
const streams: EventStream[] = [];

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: { ...askingTwin(twin), ...askingForTokens } });
  [operator, alice] = [await operatorToken(), await playerToken('alice')];
  calls = httpCalls(turnledger.url, operator);
  const token = operator.authorization?.slice('Bearer '.length) ?? '';
  client = createTurnledgerClient({ baseUrl: turnledger.url, token });
  await client.configureModel({ scenarioId, persona: { name: 'Marta Reis' }, view: { model: [], public: ['/room'] } });
});
afterAll(async () => {
  for (const stream of streams) stream.leave();
  await endEmbedded();
  await twin.close();
});
beforeEach(async () => {
  for (const stream of streams.splice(0)) stream.leave();
  twin.reset();
  twin.plan({ text: LINE, tokenDelayMs: 20 });
  session = await client.startSession({ scenarioId, playerId: 'alice' });
  path = `/v1/sessions/${session.id}/events`;
});

const follow = async (from: string, headers: HeaderRecord = operator): Promise<EventStream> => {
  const stream = await openEventStream(`${turnledger.url}${from}`, { headers });
  expect(stream.status).toBe(200);
  streams.push(stream);
  return stream;
};
const turnStreamOf = (turnId: string) => `/v1/sessions/${session.id}/turns/${turnId}/stream`;
const shownAs = (events: readonly ReceivedEvent[]) => events.map(({ event, data }) => [event, JSON.stringify(data)]);
/** All that came, once an event of this name has come so often. */
async function until(stream: EventStream, name: string, times = 1): Promise<readonly ReceivedEvent[]> {
  for (let count = 1; ; count += 1) {
    const events = await stream.arrivals.until(count);
    if (events.filter(({ event }) => event === name).length >= times) return events;
    count = Math.max(count, events.length);
  }
}

describe('a spectator', () => {
  test('is shown of each turn what its own follower is, to the byte, and the end', async () => {
    const spectator = await follow(path);
    const own: ReceivedEvent[] = [];
    for (const prompt of ['Where were you?', 'And who saw you?']) {
      const { id } = await session.requestTurn(prompt, { waitSeconds: 0 });
      own.push(...(await (await follow(turnStreamOf(id))).closed).events);
    }
    await session.end({ outcome: 'won' });
    const { events, isCut } = await spectator.closed;
    expect(isCut).toBe(false);
    expect(shownAs(events)).toEqual([
      ...shownAs(own),
      ['session.ended', JSON.stringify({ session_id: session.id, outcome: 'won' })],
    ]);
    expect(own.filter(({ event }) => event === 'reply.delta').length).toBeGreaterThan(10);
    expect(spectator.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  });

  test('hears of a turn while its first words are spoken, long before the next look at the log', async () => {
    const spectator = await follow(path);
    const { id } = await session.requestTurn('Where were you?', { waitSeconds: 0 });
    await spectator.arrivals.until(3);
    expect((await session.turn(id)).status).not.toBe('completed');
  });

  test('who comes in the middle of a reply is shown it from its beginning', async () => {
    const { id } = await session.requestTurn('Where were you?', { waitSeconds: 0 });
    const own = await follow(turnStreamOf(id));
    await own.arrivals.until(6);
    const late = await follow(path);
    const { events } = await own.closed;
    expect(shownAs(await late.arrivals.until(events.length))).toEqual(shownAs(events));
  });

  test.each(['last-event-id', 'after'] as const)('who comes back by %s misses and repeats nothing', async (how) => {
    const dropped = await follow(path);
    const { id } = await session.requestTurn('Where were you?', { waitSeconds: 0 });
    const own = await follow(turnStreamOf(id));
    const before = (await dropped.arrivals.until(6)).slice(0, 6);
    dropped.leave();
    const last = String(before.at(-1)?.id);
    const again =
      how === 'after' ? await follow(`${path}?after=${last}`) : await follow(path, { ...operator, [how]: last });
    const { events } = await own.closed;
    const seen = [...before, ...(await again.arrivals.until(events.length - before.length))];
    expect(shownAs(seen)).toEqual(shownAs(events));
    expect(joinedText(seen)).toBe(LINE);
  });

  test('sees what was said before, a rewind and what came of it, under the same ids as one who was there', async () => {
    const there = await follow(path);
    const first = await session.say('Where were you?');
    await session.say('You did it!');
    await session.rewind({ turnId: first.id }, { reason: SECRET });
    await session.say('Who else was there?');
    const live = await until(there, 'turn.completed', 3);
    const late = await follow(`${path}?from=start`);
    const told = await until(late, 'turn.completed', 3);
    const marks = (events: readonly ReceivedEvent[]) =>
      events.filter(({ event }) => event !== 'reply.delta').map(({ id, event }) => ({ id, event }));
    expect(marks(told)).toEqual(marks(live));
    expect(told.find(({ event }) => event === 'session.rewound')?.data).toEqual({
      session_id: session.id,
      to_turn_id: first.id,
      position: 1,
    });
    expect(joinedText(told)).toBe(LINE);
  });

  test('is never shown what of the game state is not public, in whatever form it is followed', async () => {
    const spectator = await follow(path);
    await session.say('Where were you?', { state: { rev: 7, data: { room: 'pier', culprit: SECRET } } });
    twin.plan({ fault: { kind: 'status', status: 401 } });
    const failed = await session
      .requestTurn('And?', { state: { rev: 8, data: { culprit: SECRET } } })
      .catch(() => null);
    expect(failed?.status).not.toBe('completed');
    await session.rewind('start', { reason: SECRET });
    await session.end();
    const { events } = await spectator.closed;
    const told = (await (await follow(`${path}?from=start`)).closed).events;
    expect(events.at(-1)?.event).toBe('session.ended');
    expect(JSON.stringify([events, told])).not.toContain(SECRET);
    // It was there to be shown.
    expect(JSON.stringify(events)).toContain('"state_rev":7');
    expect(twin.totalCalls).toBeGreaterThan(1);
  });
});

describe('who is cut off before the first event', () => {
  /** The id in the head of a stream, as an EventSource comes back with it. */
  async function idBeforeAll(from: string): Promise<string> {
    const leaving = new AbortController();
    const { body } = await fetch(`${turnledger.url}${from}`, { headers: operator, signal: leaving.signal });
    const { value } = (await body?.getReader().read()) ?? {};
    leaving.abort();
    return /^id: (\d+)$/m.exec(new TextDecoder().decode(value))?.[1] ?? '';
  }

  test('misses nothing that comes to pass meanwhile', async () => {
    await session.say('Where were you?');
    const last = await idBeforeAll(path);
    const { id } = await session.say('And who saw you?');
    await session.end();
    const { events } = await (await follow(path, { ...operator, 'last-event-id': last })).closed;
    const own = (await (await follow(turnStreamOf(id))).closed).events;
    expect(shownAs(events.slice(0, -1))).toEqual(shownAs(own));
    expect(events.at(-1)?.event).toBe('session.ended');
  });

  test('is shown the turn that was open from its beginning', async () => {
    const { id } = await session.requestTurn('Where were you?', { waitSeconds: 0 });
    const last = await idBeforeAll(path);
    const own = (await (await follow(turnStreamOf(id))).closed).events;
    const again = await follow(path, { ...operator, 'last-event-id': last });
    expect(shownAs(await again.arrivals.until(own.length))).toEqual(shownAs(own));
  });

  test('is shown the ending of a session that has ended', async () => {
    await session.end();
    const again = await follow(path, { ...operator, 'last-event-id': await idBeforeAll(path) });
    expect((await again.closed).events).toMatchObject([{ event: 'session.ended' }]);
  });
});

describe('a session that has ended', () => {
  test('shows its ending to who asks for now, and 204 to who has it', async () => {
    await session.say('Where were you?');
    await session.end({ outcome: 'lost' });
    const { events } = await (await follow(path)).closed;
    expect(events).toMatchObject([{ event: 'session.ended', data: { outcome: 'lost' } }]);
    const last = String(events.at(-1)?.id);
    expect((await calls.get(path, { 'last-event-id': last })).status).toBe(204);
    expect((await calls.get(`${path}?from=start&after=${last}`)).status).toBe(204);
  });

  test('goes on after its ending for who comes back once a rewind has undone it', async () => {
    await session.say('Where were you?');
    await session.end();
    const { events } = await (await follow(path)).closed;
    await session.rewind('start');
    const again = await follow(path, { ...operator, 'last-event-id': String(events.at(-1)?.id) });
    expect((await again.arrivals.until(1))[0]).toMatchObject({ event: 'session.rewound', data: { to_turn_id: null } });
  });
});

describe('who may', () => {
  test('is the player, their game and the operator; to others it is not there', async () => {
    const free = await client.startSession({ playerId: 'alice', gameId: 'lisbon' });
    const at = `${turnledger.url}/v1/sessions/${free.id}/events`;
    const statusFor = async (headers: HeaderRecord) => {
      const stream = await openEventStream(at, { headers });
      stream.leave();
      return stream.status;
    };
    for (const own of [alice, await gameToken('lisbon'), operator]) expect(await statusFor(own)).toBe(200);
    for (const foreign of [await playerToken('bob'), await gameToken('porto'), await playerToken('alice', 'porto')])
      expect(await statusFor(foreign)).toBe(404);
  });
});

test.each([
  ['an id that is none', '?after=x', {}],
  ['a header that is none', '', { 'last-event-id': 'x' }],
  ['an id that is no safe integer', '', { 'last-event-id': '9999999999999999' }],
  ['an id that the session has not given yet', '?after=70000000001', {}],
  ['another start', '?from=end', {}],
  ['a query that it does not take', '?speed=2', {}],
])('%s is refused', async (_what, query, headers) => {
  expect(await calls.get(`${path}${query}`, headers)).toMatchObject({ status: 422, body: { code: 'request_invalid' } });
});

test('a session that is not there is not found, by whomever it is asked for', async () => {
  const reply = await calls.get('/v1/sessions/0198c0de-0000-7000-8000-000000000001/events');
  expect(reply).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
});

test('the client watches it to its end, over a rewind', async () => {
  const seen: string[] = [];
  const watching = (async () => {
    for await (const event of session.events({ from: 'start' })) seen.push(event.type);
  })();
  const first = await session.say('Where were you?');
  await session.say('You did it!');
  await session.rewind({ turnId: first.id });
  await session.end();
  await watching;
  expect(seen.filter((type) => type !== 'reply.delta' && type !== 'turn.started')).toEqual([
    'turn.requested',
    'turn.completed',
    'turn.requested',
    'turn.completed',
    'session.rewound',
    'session.ended',
  ]);
});
