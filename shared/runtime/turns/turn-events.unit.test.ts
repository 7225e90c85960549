import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryEventLog, MemoryTurnFeed, openMemoryKeyVault, type VaultRecords } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { limits, sessionStream } from '../../contracts/index.ts';
import type { KeyVault, TurnFeed, TurnMessage } from '../../ports/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { answerSample, publishSample, requestSample, startSample } from '../../testing/played-session.ts';
import type { ServerEvent } from '../http/route.ts';
import { type Ledger, openLedger } from '../ledger/aggregates.ts';
import { endingMessage, feedIds, sealDelta } from './feed-text.ts';
import { waitForEnding } from './follow-turn.ts';
import { textSoFar } from './text-so-far.ts';
import { turnEvents } from './turn-events.ts';

const first = feedIds.perAttempt;
const second = 2 * feedIds.perAttempt;

let clock: ManualClock;
let log: MemoryEventLog;
let records: VaultRecords;
let vault: KeyVault;
let ledger: Ledger;
let feed: MemoryTurnFeed;
let turn: TurnMessage;
let reader: AbortController;

const ports = () => ({ ledger, vault, log, ids });
const following = (on: TurnFeed = feed) => ({ sessions: ledger.sessions, feed: on, clock, vault });

beforeEach(async () => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  records = { players: new Map(), keys: new Map() };
  vault = openMemoryKeyVault({ ids, records });
  ledger = openLedger({ log, vault, clock, ids });
  feed = new MemoryTurnFeed({ clock });
  reader = new AbortController();
  await publishSample(ports());
  turn = await requestSample(ports(), await startSample(ports()));
});

afterEach(async () => {
  reader.abort();
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect({ sleeping: clock.sleeping, reading: feed.waitingReaders }).toEqual({ sleeping: 0, reading: 0 });
});

const start = (id: number) => feed.publish(turn.turnId, { id, kind: 'started', payload: 'some-model' });

async function say(id: number, text: string): Promise<void> {
  const { keyId } = await ledger.sessions.load(sessionStream(turn.sessionId));
  const dataKey = await vault.dataKey(keyId);
  if (dataKey.outcome !== 'ok') throw new TypeError('the sample key is erased');
  await feed.publish(turn.turnId, { id, kind: 'delta', payload: sealDelta(turn.turnId, id, text, dataKey, ids) });
}

async function end(): Promise<void> {
  await answerSample(ports(), turn, 'A friend.');
  await feed.publish(turn.turnId, endingMessage);
}

/** What a reader gets, in order; `done` resolves when their stream ends. */
function follow(after = 0, on: TurnFeed = feed) {
  const events = new Arrivals<ServerEvent>();
  const done = (async () => {
    const { sessionId, turnId } = turn;
    for await (const event of turnEvents(following(on), { sessionId, turnId, after, signal: reader.signal }))
      events.add(event);
  })();
  const idsSoFar = () => events.all.map(({ id }) => id);
  return { events, done, idsSoFar };
}

describe('the events of a turn', () => {
  it('are all there for who follows from the start', async () => {
    const { events, done } = follow();
    await start(first);
    await say(first + 1, 'A ');
    await events.until(3);
    await say(first + 2, 'friend.');
    await end();
    await done;
    expect(events.all).toEqual([
      {
        id: 1,
        event: 'turn.requested',
        data: expect.objectContaining({ turn_id: turn.turnId, position: 1, scenario: { id: 'tavern', version: 1 } }),
      },
      { id: first, event: 'turn.started', data: { turn_id: turn.turnId, attempt: 1, model: 'some-model' } },
      { id: first + 1, event: 'reply.delta', data: { turn_id: turn.turnId, attempt: 1, text: 'A ' } },
      { id: first + 2, event: 'reply.delta', data: { turn_id: turn.turnId, attempt: 1, text: 'friend.' } },
      {
        id: feedIds.ending,
        event: 'turn.completed',
        data: expect.objectContaining({ id: turn.turnId, response: 'A friend.' }),
      },
    ]);
  });

  it('cost no read of the log where the turn was asked for and answered', async () => {
    const reads = jest.spyOn(log, 'readStream');
    const { events, done, idsSoFar } = follow();
    await start(first);
    await events.until(2);
    await end();
    await done;
    expect(idsSoFar()).toEqual([1, first, feedIds.ending]);
    expect(reads).not.toHaveBeenCalled();
  });

  it('are all there for who comes late', async () => {
    await start(first);
    await say(first + 1, 'A ');
    const { events, done, idsSoFar } = follow();
    await events.until(3);
    await end();
    await done;
    expect(idsSoFar()).toEqual([1, first, first + 1, feedIds.ending]);
  });

  it('go on after the last one a reader has', async () => {
    await start(first);
    await say(first + 1, 'A ');
    await say(first + 2, 'friend.');
    const { done, idsSoFar } = follow(first + 1);
    await end();
    await done;
    expect(idsSoFar()).toEqual([first + 2, feedIds.ending]);
  });

  it('after a gap are the ending alone', async () => {
    const { events, done, idsSoFar } = follow();
    await start(first);
    await say(first + 1, 'A ');
    await events.until(3);
    await say(first + 3, 'lost before');
    await say(first + 4, 'and after');
    await end();
    await done;
    expect(idsSoFar()).toEqual([1, first, first + 1, feedIds.ending]);
  });

  it('are the ending alone for who comes after the first words were dropped', async () => {
    await say(first + 3, 'friend.');
    const { done, idsSoFar } = follow();
    await end();
    await done;
    expect(idsSoFar()).toEqual([1, feedIds.ending]);
  });

  it('start anew with the next attempt, also after a gap', async () => {
    await start(first);
    await say(first + 2, 'lost before');
    const { events, done, idsSoFar } = follow();
    await start(second);
    await say(second + 1, 'Again: ');
    await events.until(4);
    expect(events.all.at(-1)?.data).toMatchObject({ attempt: 2, text: 'Again: ' });
    await end();
    await done;
    expect(idsSoFar()).toEqual([1, first, second, second + 1, feedIds.ending]);
  });

  it('of an ended turn are what is kept and the ending, at once', async () => {
    await start(first);
    await say(first + 1, 'A friend.');
    await end();
    const { done, idsSoFar } = follow();
    await done;
    expect(idsSoFar()).toEqual([1, first, first + 1, feedIds.ending]);
  });

  it('of an ended turn that the feed has forgotten are the request and the ending', async () => {
    await end();
    await clock.advanceBy(limits.feed.keepAfterEndMs);
    const { done, events } = follow();
    await done;
    expect(events.all.map(({ event }) => event)).toEqual(['turn.requested', 'turn.completed']);
  });

  it('leave out what a destroyed key sealed', async () => {
    await start(first);
    await say(first + 1, 'A friend.');
    await end();
    for (const keyId of records.keys.keys()) records.keys.set(keyId, null);
    const { done, events, idsSoFar } = follow();
    await done;
    expect(idsSoFar()).toEqual([1, first, feedIds.ending]);
    expect(events.all.at(-1)?.data).toMatchObject({ prompt: null, response: null });
  });

  it('are none for a turn that is not there', async () => {
    turn = { ...turn, turnId: ids.uuid() };
    const { done, idsSoFar } = follow();
    await done;
    expect(idsSoFar()).toEqual([]);
  });

  it('end without an ending when the reader leaves', async () => {
    const { events, done, idsSoFar } = follow();
    await start(first);
    await events.until(2);
    reader.abort();
    await done;
    expect(idsSoFar()).toEqual([1, first]);
  });
});

describe('a feed that is of no use', () => {
  const publish = async () => {};
  const uses: readonly (readonly [string, TurnFeed])[] = [
    ['says nothing', { publish, read: (_turnId, { signal }) => feed.read('another turn', { after: 0, signal }) }],
    ['ends before the turn', { publish, read: async function* () {} }],
    [
      'fails',
      {
        publish,
        read: async function* () {
          yield { id: first, kind: 'started', payload: 'some-model' };
          throw new TypeError('connection lost');
        },
      },
    ],
  ];

  it.each(uses)('costs a second and not the ending when it %s', async (_name, useless) => {
    const { events, done, idsSoFar } = follow(feedIds.requested, useless);
    while (clock.sleeping === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    await clock.advanceBy(limits.worker.headCheckMs);
    expect(idsSoFar()).not.toContain(feedIds.ending);
    await answerSample(ports(), turn, 'A friend.');
    await clock.advanceBy(limits.worker.headCheckMs);
    await done;
    expect(events.all.at(-1)).toMatchObject({ id: feedIds.ending, event: 'turn.completed' });
  });

  it.each(uses.slice(1))('costs nothing of an ended turn when it %s', async (_name, useless) => {
    await answerSample(ports(), turn, 'A friend.');
    const { done, idsSoFar } = follow(feedIds.requested, useless);
    await done;
    expect(idsSoFar().at(-1)).toBe(feedIds.ending);
  });
});

describe('waitForEnding', () => {
  const wait = (waitMs: number) => waitForEnding(following(), { ...turn, signal: reader.signal }, waitMs);

  it('is over when the turn has ended', async () => {
    const waited = wait(30_000);
    await end();
    expect(await waited).toBe(true);
  });

  it('is over at once for a turn that has ended', async () => {
    await end();
    expect(await wait(0)).toBe(true);
  });

  it('is over a second after an ending that no feed told of', async () => {
    const waited = wait(30_000);
    while (clock.sleeping < 2) await new Promise<void>((resolve) => setImmediate(resolve));
    await answerSample(ports(), turn);
    await clock.advanceBy(limits.worker.headCheckMs);
    expect(await waited).toBe(true);
  });

  it('gives up after its time, and says so', async () => {
    const waited = wait(5_000);
    while (clock.sleeping < 2) await new Promise<void>((resolve) => setImmediate(resolve));
    await clock.advanceBy(5_000);
    expect(await waited).toBe(false);
  });

  it('ends when who waits has left', async () => {
    const waited = wait(30_000);
    reader.abort();
    expect(await waited).toBe(false);
  });
});

describe('textSoFar', () => {
  const text = () => textSoFar({ feed, vault }, turn.turnId, reader.signal);

  it('is what was said of the newest attempt', async () => {
    await start(first);
    await say(first + 1, 'Forget this.');
    await start(second);
    await say(second + 1, 'A ');
    await say(second + 2, 'friend.');
    expect(await text()).toBe('A friend.');
  });

  it('is nothing before anything was said', async () => {
    expect(await text()).toBeUndefined();
    await start(first);
    expect(await text()).toBeUndefined();
  });

  it.each([
    ['its start is lost', [2]],
    ['a word in the middle is lost', [1, 3]],
  ])('is nothing when %s', async (_name, numbers) => {
    await start(first);
    for (const number of numbers) await say(first + number, `word ${number} `);
    expect(await text()).toBeUndefined();
  });
});
