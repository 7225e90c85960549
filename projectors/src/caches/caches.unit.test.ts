import { beforeEach, expect, test } from '@jest/globals';
import { emptyVaultRecords, MemoryCache, MemoryEventLog, openMemoryKeyVault } from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream } from '@turnledger/shared/contracts';
import type { EventLog } from '@turnledger/shared/ports';
import { type Ledger, type Log, openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  Arrivals,
  answerSample,
  encodedEvent,
  FaultyEventLog,
  ManualClock,
  type PlayedPorts,
  publishSample,
  requestSample,
  startSample,
} from '@turnledger/shared/testing';
import { runProjector } from '../run-projector.ts';
import { caches } from './caches.ts';

const { eventsPerSnapshot } = limits.cache;

let clock: ManualClock;
let log: MemoryEventLog;
let cache: MemoryCache;
let played: PlayedPorts;
let open: (log: EventLog) => Ledger;

beforeEach(async () => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  cache = new MemoryCache({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  open = (of) => openLedger({ log: of, vault, clock, ids, cache });
  played = { ledger: openLedger({ log, vault, clock, ids }), vault, log, ids };
  await publishSample(played);
});

/** Runs the projector while a test writes, until it has handled all of it. */
async function cachesDuring(write: () => Promise<void>, logger: Log = silentLog): Promise<void> {
  const stop = new AbortController();
  const positions = new Arrivals<bigint>();
  const projector = caches({ log, ledger: open(log), logger });
  const report = { ...projector, gatherMs: 0, onCaughtUp: (position: bigint) => positions.add(position) };
  const running = runProjector({ log, clock, logger }, report, stop.signal, ({ position }) => positions.add(position));
  await positions.until(1);
  await write();
  const head = await log.headPosition();
  while (positions.all.at(-1) !== head) await positions.until(positions.all.length + 1);
  stop.abort();
  await running;
}

/** Plays a session until it has so many events; answers its stream. */
async function playTo(events: number): Promise<string> {
  const sessionId = await startSample(played);
  const stream = sessionStream(sessionId);
  while (((await log.readHead(stream))?.revision ?? 0) + 1 < events)
    await answerSample(played, await requestSample(played, sessionId));
  return stream;
}

test('a process that has not seen a long session reads its tail alone', async () => {
  let stream = '';
  await cachesDuring(async () => {
    stream = await playTo(eventsPerSnapshot * 2 + 10);
  });
  const cold = new FaultyEventLog(log);
  const state = await open(cold).sessions.load(stream);
  expect(state).toEqual(await played.ledger.sessions.load(stream));
  expect(cold.reads.map(({ fromRevision }) => fromRevision >= eventsPerSnapshot * 2 - 1)).toEqual([true]);
});

test('a short session takes no room', async () => {
  let stream = '';
  await cachesDuring(async () => {
    stream = await playTo(10);
  });
  expect(await cache.get(stream)).toBeUndefined();
});

test('what was there before it began stays cold until it grows again', async () => {
  const stream = await playTo(eventsPerSnapshot + 1);
  await cachesDuring(async () => {});
  expect(await cache.get(stream)).toBeUndefined();
});

test('a session that cannot be folded is named, and its neighbours are kept warm', async () => {
  const poisoned = `session-${ids.uuid()}`;
  const errors: object[] = [];
  let stream = '';
  await cachesDuring(
    async () => {
      const odd = Array.from({ length: eventsPerSnapshot }, () => encodedEvent({ type: 'TurnSungAloud' }));
      await log.append(poisoned, 'no_stream', odd);
      stream = await playTo(eventsPerSnapshot + 1);
    },
    { ...silentLog, error: (facts) => errors.push(facts) },
  );
  expect(errors).toEqual([{ code: 'event_unknown', stream: poisoned }]);
  expect(await cache.get(stream)).toBeDefined();
});
