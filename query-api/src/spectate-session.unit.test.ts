import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream } from '@turnledger/shared/contracts';
import { endSession, reconfigureSession, rewindSession } from '@turnledger/shared/domain';
import type { TurnMessage } from '@turnledger/shared/ports';
import {
  endingMessage,
  feedIds,
  type Ledger,
  openLedger,
  type ServerEvent,
  sealDelta,
  sessionHint,
  turnEvents,
} from '@turnledger/shared/runtime';
import {
  Arrivals,
  answerSample,
  FaultyEventLog,
  ManualClock,
  publishSample,
  requestSample,
  sampleHmac,
  sampleRewind,
  startSample,
} from '@turnledger/shared/testing';
import { SessionNews } from './session-news.ts';
import { type SpectatedSession, spectateSession } from './spectate-session.ts';
import { spectatorId, spectatorPlace } from './spectator-ids.ts';

const context = { actor: 'game', correlationId: 'test' };
const REPLY = 'one two three four five';

let clock: ManualClock;
let feed: MemoryTurnFeed;
let played: Parameters<typeof startSample>[0];
let sessionId: string;
let leaving: AbortController;

beforeEach(async () => {
  clock = new ManualClock();
  feed = new MemoryTurnFeed({ clock });
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  played = { log, vault, ids, ledger: openLedger({ log, vault, clock, ids }) };
  await publishSample(played);
  sessionId = await startSample(played);
  leaving = new AbortController();
  // It stands for the requests of all who watch in a test.
  setMaxListeners(0, leaving.signal);
});

afterEach(async () => {
  leaving.abort();
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect({ sleeping: clock.sleeping, reading: feed.waitingReaders }).toEqual({ sleeping: 0, reading: 0 });
});

const load = () => played.ledger.sessions.load(sessionStream(sessionId));
const hint = async () => feed.publish(sessionId, sessionHint((await load()).revision));
const change = async (decide: Parameters<(typeof played)['ledger']['sessions']['transact']>[1]) => {
  await played.ledger.sessions.transact(sessionStream(sessionId), decide, { context });
  await hint();
};
const end = () => change((state) => endSession({ outcome: 'won', by: 'game', actor: 'game' }, state));
const rewind = (toTurnId?: string) =>
  change((state) =>
    rewindSession(
      sampleRewind({ rewindId: ids.uuid(), bodyHmac: sampleHmac, ...(toTurnId !== undefined && { toTurnId }) }),
      state,
    ),
  );
const request = async (): Promise<TurnMessage> => {
  const turn = await requestSample(played, sessionId);
  await hint();
  return turn;
};
const start = ({ turnId }: TurnMessage) =>
  feed.publish(turnId, { id: feedIds.perAttempt, kind: 'started', payload: 'some-model' });
async function say({ turnId }: TurnMessage, number: number, text: string): Promise<void> {
  const dataKey = await played.vault.dataKey((await load()).keyId);
  if (dataKey.outcome !== 'ok') throw new TypeError('the sample key is erased');
  const id = feedIds.perAttempt + number;
  await feed.publish(turnId, { id, kind: 'delta', payload: sealDelta(turnId, id, text, dataKey, ids) });
}
async function answer(turn: TurnMessage): Promise<void> {
  await answerSample(played, turn, REPLY);
  await feed.publish(turn.turnId, endingMessage);
}
/** A turn of the past: the feed has forgotten it. */
async function playOld(): Promise<TurnMessage> {
  const turn = await request();
  await answerSample(played, turn, REPLY);
  return turn;
}

/** `ledger`: of the process that it is in; default one of its own, which shares nothing with the others but the stores. */
type Options = Partial<Pick<SpectatedSession, 'after' | 'recordedThrough'>> & { readonly ledger?: Ledger };

/** What a spectator is shown: from now on, unless said otherwise. */
async function spectating({ ledger = openLedger({ ...played, clock }), ...options }: Options = {}) {
  const news = new SessionNews({ sessions: ledger.sessions, feed, clock });
  const opened = await load();
  const after = { revision: opened.revision + 1, id: 0 };
  const { signal } = leaving;
  const spectated = { sessionId, opened, after, recordedThrough: -1, signal, ...options };
  return spectateSession({ ledger, vault: played.vault, feed, clock, news }, spectated);
}
const fromStart = async (id = 0) => spectating({ after: spectatorPlace(id), recordedThrough: (await load()).revision });
async function watch(options?: Options) {
  const seen = new Arrivals<ServerEvent>();
  const over = (async () => {
    for await (const event of await spectating(options)) seen.add(event);
  })();
  await new Promise<void>((resolve) => setImmediate(resolve));
  return { seen, over };
}
const all = async (events: AsyncIterable<ServerEvent>) => {
  const found: ServerEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
};
const turnStream = ({ turnId }: TurnMessage) => {
  const ports = { sessions: played.ledger.sessions, feed, clock, vault: played.vault };
  return all(turnEvents(ports, { sessionId, turnId, after: 0, signal: leaving.signal }));
};
const namesOf = (events: readonly ServerEvent[]) => events.map(({ event }) => event);
const shownAs = (events: readonly ServerEvent[]) => events.map(({ event, data }) => ({ event, data }));
const textIn = (events: readonly ServerEvent[]) =>
  events.flatMap(({ event, data }) => (event === 'reply.delta' ? [(data as { text: string }).text] : [])).join('');
const whole = ['turn.requested', 'turn.started', 'reply.delta', 'turn.completed'];
const rising = (events: readonly ServerEvent[]) =>
  events.every(({ id }, index) => id > (events[index - 1]?.id ?? 0) && Number.isSafeInteger(id));

describe('from now on', () => {
  test('each turn is what its own stream shows, turn after turn, and the end ends it', async () => {
    await playOld();
    const { seen, over } = await watch();
    const turns: TurnMessage[] = [];
    for (const words of [['one two ', 'three four five'], [REPLY]]) {
      const turn = await request();
      turns.push(turn);
      await start(turn);
      for (const [index, text] of words.entries()) await say(turn, index + 1, text);
      await answer(turn);
    }
    await end();
    await over;
    const streams = await Promise.all(turns.map(turnStream));
    expect(shownAs(seen.all)).toEqual([
      ...shownAs(streams.flat()),
      { event: 'session.ended', data: { session_id: sessionId, outcome: 'won' } },
    ]);
    expect(seen.all.slice(0, -1).map(({ id }) => spectatorPlace(id).id)).toEqual(streams.flat().map(({ id }) => id));
    expect(rising(seen.all)).toBe(true);
  });

  test('a turn that is open right then comes from its beginning', async () => {
    const turn = await request();
    await start(turn);
    await say(turn, 1, 'one ');
    const { revision } = await load();
    const { seen } = await watch({ after: { revision, id: 0 } });
    await seen.until(3);
    await say(turn, 2, 'two three four five');
    await answer(turn);
    expect(textIn(await seen.until(5))).toBe(REPLY);
  });

  test('a turn whose feed was lost is its request and its ending', async () => {
    const { seen } = await watch();
    await playOld();
    // Nobody said that it had ended: the next look at the log finds it.
    while (seen.all.length < 2) await clock.advanceBy(limits.worker.headCheckMs);
    expect(namesOf(seen.all)).toEqual(['turn.requested', 'turn.completed']);
  });

  test('a rewind and another version are told, with what they come to', async () => {
    const turn = await playOld();
    await playOld();
    const { seen } = await watch();
    await rewind(turn.turnId);
    await change((state) => reconfigureSession({ scenarioVersion: 2 }, state));
    await rewind();
    expect(shownAs(await seen.until(3))).toEqual([
      { event: 'session.rewound', data: { session_id: sessionId, to_turn_id: turn.turnId, position: 1 } },
      { event: 'session.reconfigured', data: { session_id: sessionId, scenario: { id: 'tavern', version: 2 } } },
      { event: 'session.rewound', data: { session_id: sessionId, to_turn_id: null, position: 0 } },
    ]);
  });
});

describe('from the start', () => {
  test('what was recorded comes first, what is said now behind it, nothing twice', async () => {
    await playOld();
    await playOld();
    const seen = new Arrivals<ServerEvent>();
    const over = (async () => {
      for await (const event of await fromStart()) seen.add(event);
    })();
    while (namesOf(seen.all).filter((name) => name === 'turn.completed').length < 2)
      await new Promise<void>((resolve) => setImmediate(resolve));
    const live = await request();
    await start(live);
    await say(live, 1, REPLY);
    await answer(live);
    await end();
    await over;
    expect([...new Set(namesOf(seen.all))]).toEqual([...whole, 'session.ended']);
    expect(textIn(seen.all)).toBe(REPLY.repeat(3));
    expect(namesOf(seen.all).filter((name) => name === 'turn.requested')).toHaveLength(3);
    expect(rising(seen.all)).toBe(true);
  });

  test('it is the story as it went: a turn that was cut, the rewind, an ending that was undone', async () => {
    const first = await playOld();
    await playOld();
    await end();
    await rewind(first.turnId);
    await playOld();
    await end();
    const events = await all(await fromStart());
    expect(namesOf(events).filter((name) => name !== 'reply.delta' && name !== 'turn.started')).toEqual([
      'turn.requested',
      'turn.completed',
      'turn.requested',
      'turn.completed',
      'session.ended',
      'session.rewound',
      'turn.requested',
      'turn.completed',
      'session.ended',
    ]);
    expect(rising(events)).toBe(true);
  });

  test('it goes on after any of its events, in another process, with the rest to the letter', async () => {
    const first = await playOld();
    await playOld();
    await rewind(first.turnId);
    await playOld();
    await end();
    const events = await all(await fromStart());
    for (const [index, { id }] of events.entries())
      expect(await all(await fromStart(id))).toEqual(events.slice(index + 1));
  });

  test('in the middle of a recorded text it goes on so, whether or not the start is asked for again', async () => {
    await playOld();
    await end();
    const events = await all(await fromStart());
    const inText = events.findIndex(({ event }) => event === 'reply.delta');
    const after = spectatorPlace(events[inText]?.id ?? 0);
    expect(await all(await spectating({ after }))).toEqual(events.slice(inText + 1));
  });

  test('a session longer than a page of events is all there', async () => {
    const count = limits.replay.pageEvents / 2;
    for (let turn = 0; turn < count; turn += 1) await playOld();
    await end();
    const events = await all(await fromStart());
    expect(namesOf(events).filter((name) => name === 'turn.completed')).toHaveLength(count);
  });
});

describe('a spectator who comes back', () => {
  test('in the middle of a live text goes on without gap or repeat', async () => {
    const { seen } = await watch();
    const turn = await request();
    await start(turn);
    for (const [index, text] of ['one ', 'two ', 'three '].entries()) await say(turn, index + 1, text);
    const before = (await seen.until(4)).slice(0, 4);
    const again = await watch({ after: spectatorPlace(before.at(-1)?.id ?? 0) });
    await say(turn, 4, 'four five');
    await answer(turn);
    const events = [...before, ...(await again.seen.until(3))];
    expect(shownAs(events)).toEqual(shownAs(await turnStream(turn)));
    expect(events).toEqual(await seen.until(events.length));
  });

  test('after its feed is lost gets the ending, once', async () => {
    const turn = await playOld();
    // Behind its request are the claim and the ending.
    const after = { revision: (await load()).revision - 2, id: feedIds.perAttempt + 2 };
    await end();
    const events = await all(await spectating({ after }));
    expect(events).toMatchObject([
      { event: 'turn.completed', id: spectatorId({ ...after, id: feedIds.ending }), data: { id: turn.turnId } },
      { event: 'session.ended' },
    ]);
  });

  test('after an ending that a rewind has undone goes on with the rewind', async () => {
    await playOld();
    const { seen, over } = await watch();
    await end();
    await over;
    await rewind();
    const again = await watch({ after: spectatorPlace(seen.all.at(-1)?.id ?? 0) });
    expect(namesOf(await again.seen.until(1))).toEqual(['session.rewound']);
  });
});

test('two spectators see the same, under the same ids', async () => {
  const [one, other] = [await watch(), await watch()];
  const turn = await request();
  await start(turn);
  await say(turn, 1, REPLY);
  await answer(turn);
  await end();
  await Promise.all([one.over, other.over]);
  expect(one.seen.all).toEqual(other.seen.all);
  expect(namesOf(one.seen.all)).toEqual([...whole, 'session.ended']);
});

test('those who watch an open turn look at the log together, not each for themself', async () => {
  const log = new FaultyEventLog(played.log);
  const ledger = openLedger({ ...played, log, clock });
  const { revision } = await load();
  const watches = await Promise.all(
    Array.from({ length: 20 }, () => watch({ ledger, after: { revision: revision + 1, id: 0 } })),
  );
  await start(await request());
  await Promise.all(watches.map(({ seen }) => seen.until(2)));
  log.reads.length = 0;
  for (let seconds = 0; seconds < 5; seconds += 1) await clock.advanceBy(limits.worker.headCheckMs);
  expect(log.reads.length).toBeGreaterThan(4);
  expect(log.reads.length).toBeLessThan(11);
});

test('who leaves ends it, between two turns and in one', async () => {
  const between = await watch();
  leaving.abort();
  await between.over;
  leaving = new AbortController();
  const inside = await watch();
  await start(await request());
  await inside.seen.until(2);
  leaving.abort();
  await inside.over;
  expect(namesOf(inside.seen.all)).toEqual(['turn.requested', 'turn.started']);
});
