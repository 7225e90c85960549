import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import type { FeedMessage, TurnFeed } from '@turnledger/shared/ports';
import { openLedger, sessionHint } from '@turnledger/shared/runtime';
import { FaultyEventLog, ManualClock, publishSample, requestSample, startSample } from '@turnledger/shared/testing';
import { SessionNews } from './session-news.ts';

let clock: ManualClock;
let feed: MemoryTurnFeed;
let memory: MemoryEventLog;
let reads: number;
let played: Parameters<typeof startSample>[0];
let sessionId: string;
let revision: number;
let leaving: AbortController;

/** A reader of its own, as another process has it, which counts how often it looks at the log. */
function watching(on: TurnFeed = feed): SessionNews {
  const counted = new Proxy(memory, {
    get(target, name) {
      if (name === 'readStream') reads += 1;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const ledger = openLedger({ log: counted, vault: played.vault, clock, ids });
  return new SessionNews({ sessions: ledger.sessions, feed: on, clock });
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

beforeEach(async () => {
  clock = new ManualClock();
  feed = new MemoryTurnFeed({ clock });
  memory = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  played = { log: memory, vault, ids, ledger: openLedger({ log: memory, vault, clock, ids }) };
  await publishSample(played);
  sessionId = await startSample(played);
  ({ revision } = await played.ledger.sessions.load(sessionStream(sessionId)));
  leaving = new AbortController();
  reads = 0;
});

afterEach(async () => {
  leaving.abort();
  await settled();
  expect({ sleeping: clock.sleeping, reading: feed.waitingReaders }).toEqual({ sleeping: 0, reading: 0 });
});

test('a hint tells of a new event without a moment passing', async () => {
  const news = watching().past(sessionId, revision, leaving.signal);
  await requestSample(played, sessionId);
  await feed.publish(sessionId, sessionHint(revision + 1));
  expect(await news).toMatchObject({ revision: revision + 1 });
});

test('a hint that was given before anybody asked is kept', async () => {
  await requestSample(played, sessionId);
  await feed.publish(sessionId, sessionHint(revision + 1));
  expect(await watching().past(sessionId, revision, leaving.signal)).toMatchObject({ revision: revision + 1 });
});

/** A feed that answers every reader so at once. */
const feedThat = (next: () => Promise<IteratorResult<FeedMessage>>): TurnFeed => ({
  publish: async () => undefined,
  read: () => ({ [Symbol.asyncIterator]: () => ({ next }) }),
});
const failing = feedThat(() => Promise.reject(new TurnledgerError('store_unavailable')));
const silent = feedThat(async () => ({ done: true, value: undefined }));

test.each([
  ['loses the hint', () => feed],
  ['fails', () => failing],
  ['takes no more readers', () => silent],
])('where the feed %s, the log is looked at within a second', async (_what, on) => {
  const news = watching(on()).past(sessionId, revision, leaving.signal);
  await requestSample(played, sessionId);
  await clock.advanceBy(limits.worker.headCheckMs);
  expect(await news).toMatchObject({ revision: revision + 1 });
});

test('those who wait for one session share a look a second, and a reader of its hints', async () => {
  const news = watching();
  // Each has a request of its own.
  const requests = Array.from({ length: 50 }, () => new AbortController());
  const waiting = requests.map(({ signal }) => news.past(sessionId, revision, signal));
  await settled();
  expect(feed.waitingReaders).toBe(1);
  reads = 0;
  for (let seconds = 0; seconds < 5; seconds += 1) await clock.advanceBy(limits.worker.headCheckMs);
  expect(reads).toBe(5);
  await requestSample(played, sessionId);
  await clock.advanceBy(limits.worker.headCheckMs);
  expect((await Promise.all(waiting)).map((state) => state?.revision)).toEqual(waiting.map(() => revision + 1));
  expect(news.watched).toBe(0);
});

test('who comes to a watch that has seen more than they is told at once', async () => {
  const news = watching();
  void news.past(sessionId, revision + 1, leaving.signal);
  await requestSample(played, sessionId);
  await clock.advanceBy(limits.worker.headCheckMs);
  expect(await news.past(sessionId, revision, leaving.signal)).toMatchObject({ revision: revision + 1 });
  expect(news.watched).toBe(1);
});

test('who leaves ends their wait and nobody else does, and the last one the watch', async () => {
  const news = watching();
  const first = new AbortController();
  const [left, stays] = [news.past(sessionId, revision, first.signal), news.past(sessionId, revision, leaving.signal)];
  first.abort();
  expect(await left).toBeUndefined();
  expect(news.watched).toBe(1);
  leaving.abort();
  expect(await stays).toBeUndefined();
  expect(news.watched).toBe(0);
});

test('a log that does not answer ends the waits with that, and the next one asks it anew', async () => {
  const log = new FaultyEventLog(memory);
  const ledger = openLedger({ log, vault: played.vault, clock, ids });
  const news = new SessionNews({ sessions: ledger.sessions, feed, clock });
  const waiting = news.past(sessionId, revision, leaving.signal);
  waiting.catch(() => undefined);
  log.failNextReads(1);
  await clock.advanceBy(limits.worker.headCheckMs);
  await expect(waiting).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(news.watched).toBe(0);
  const again = news.past(sessionId, revision, leaving.signal);
  await requestSample(played, sessionId);
  await clock.advanceBy(limits.worker.headCheckMs);
  expect(await again).toMatchObject({ revision: revision + 1 });
});
