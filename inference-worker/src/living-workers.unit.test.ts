import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  MemoryTurnQueue,
  openMemoryKeyVault,
  openMemoryWorkerLiveness,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { KeyVault, TurnMessage, WorkerLiveness } from '@turnledger/shared/ports';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  endsWell,
  ManualClock,
  type ModelStep,
  ProgrammedModel,
  publishSample,
  requestSample,
  says,
  sessionEvents,
  sessionEventTypes,
  startSample,
} from '@turnledger/shared/testing';
import { createWorker, type Worker } from './consume-turns.ts';
import { watchHolders } from './holder-watch.ts';

const hold: ModelStep = { kind: 'hold' };
const { leaseMs } = limits.worker;
const { beatMs, fenceMs, lookMs } = limits.liveness;

interface Running {
  readonly worker: Worker;
  readonly queue: MemoryTurnQueue;
  readonly model: ProgrammedModel;
  /** Its beats arrive, are lost on their way, or fail. */
  beats: 'arriving' | 'lost' | 'failing';
  stop(): Promise<void>;
}

let clock: ManualClock;
let log: MemoryEventLog;
let vault: KeyVault;
let liveness: WorkerLiveness;
const started: Running[] = [];

const ledgerOf = () => openLedger({ log, vault, clock, ids });
const played = () => ({ ledger: ledgerOf(), vault, log, ids });

beforeEach(async () => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  liveness = openMemoryWorkerLiveness();
  await publishSample(played());
});

afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
  expect(clock.sleeping).toBe(0);
});

/** Another process's worker, as far as anybody can tell: with a ledger, a queue and a model of its own. */
function start(...programs: (readonly ModelStep[])[]): Running {
  const queue = new MemoryTurnQueue({ onError: () => {} });
  const model = new ProgrammedModel(...programs);
  const intake = new AbortController();
  const outOfTime = new AbortController();
  const running: Running = {
    queue,
    model,
    beats: 'arriving',
    worker: createWorker({
      vault,
      clock,
      ids,
      ledger: ledgerOf(),
      feed: new MemoryTurnFeed({ clock }),
      log: silentLog,
      models: new Map([['main', model]]),
      holders: watchHolders({ liveness, clock }),
      liveness: {
        ...liveness,
        async beat(who) {
          if (running.beats === 'failing') throw new TurnledgerError('store_unavailable');
          if (running.beats === 'arriving') await liveness.beat(who);
        },
      },
    }),
    async stop() {
      intake.abort();
      outOfTime.abort();
      await clock.advanceBy(limits.worker.lastEndingMs);
      await consumed;
      await clock.advanceBy(0);
    },
  };
  const consumed = running.worker.consume(queue, intake.signal, outOfTime.signal);
  started.push(running);
  return running;
}

const openTurn = async (): Promise<TurnMessage> => requestSample(played(), await startSample(played()));
const typesOf = async ({ sessionId }: TurnMessage) => (await sessionEventTypes(played(), sessionId)).slice(2);
const workersOf = async ({ sessionId }: TurnMessage) =>
  (await sessionEvents(played(), sessionId)).flatMap(({ data }) => ('worker' in data ? [data.worker] : []));

/** A worker that has claimed a turn and stands in its call. */
async function holding(message: TurnMessage, ...programs: (readonly ModelStep[])[]): Promise<Running> {
  const holder = start(...(programs.length > 0 ? programs : [[hold, ...says('Late.'), endsWell]]));
  await holder.queue.enqueue([message]);
  const [call] = await holder.model.calls.until(1);
  await call?.holding.until(1);
  return holder;
}

describe('a turn whose holder lives', () => {
  test('is left to it, however long it takes', async () => {
    const message = await openTurn();
    const holder = await holding(message);
    const other = start();
    await other.queue.enqueue([message]);
    await clock.advanceBy(leaseMs + 3 * lookMs);
    expect(other.model.calls.all).toHaveLength(0);
    holder.model.calls.all[0]?.release();
    await clock.advanceBy(lookMs);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCompleted']);
    await clock.advanceBy(2 * lookMs);
    expect(other.worker.running()).toBe(0);
  });

  test('is waited for beside a full house of other turns', async () => {
    const message = await openTurn();
    await holding(message);
    const other = start([...says('Aye.'), endsWell]);
    await other.queue.enqueue([message]);
    await clock.advanceBy(lookMs);
    const further = await Promise.all(Array.from({ length: limits.worker.concurrency }, openTurn));
    await other.queue.enqueue(further);
    await other.model.calls.until(further.length);
    await clock.advanceBy(lookMs);
    for (const one of further) expect(await typesOf(one)).toEqual(['TurnStarted', 'TurnCompleted']);
  });
});

describe('a turn whose holder has gone', () => {
  test('is taken over once lease and beat have both run out, with the next attempt', async () => {
    const message = await openTurn();
    const holder = await holding(message);
    holder.beats = 'lost';
    const other = start([...says('Aye.'), endsWell]);
    await other.queue.enqueue([message]);
    await clock.advanceBy(leaseMs - 1);
    expect(other.model.calls.all).toHaveLength(0);
    await clock.advanceBy(2 * lookMs);
    // What the first one spent is in the log too: it lives after all, and hears that its attempt is over.
    const types = ['TurnStarted', 'TurnAttemptFailed', 'TurnStarted', 'TurnCompleted', 'AttemptSettled'];
    expect(await typesOf(message)).toEqual(types);
    expect(await workersOf(message)).toEqual([holder.worker.incarnation, other.worker.incarnation]);
  });

  test('is taken over at once when the holder has said goodbye', async () => {
    const message = await openTurn();
    const holder = await holding(message);
    await started.shift()?.stop();
    expect((await liveness.beats()).get(holder.worker.incarnation)).toMatchObject({ hasEnded: true });
    const other = start([...says('Aye.'), endsWell]);
    await other.queue.enqueue([message]);
    await other.model.calls.until(1);
    await clock.advanceBy(lookMs);
    expect((await typesOf(message)).at(-1)).toBe('TurnCompleted');
    expect((await typesOf(message)).filter((type) => type === 'TurnStarted')).toHaveLength(2);
  });
});

describe('a worker that cannot beat', () => {
  test('claims nothing', async () => {
    const message = await openTurn();
    const worker = start([...says('Aye.'), endsWell]);
    worker.beats = 'failing';
    await clock.advanceBy(fenceMs + beatMs);
    await worker.queue.enqueue([message]);
    await clock.advanceBy(beatMs);
    expect(await typesOf(message)).toEqual([]);
    worker.beats = 'arriving';
    await clock.advanceBy(2 * beatMs);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCompleted']);
  });

  test('aborts its calls after four seconds, and goes on with the next attempt once it beats again', async () => {
    const message = await openTurn();
    const worker = await holding(message, [hold], [...says('Aye.'), endsWell]);
    worker.beats = 'failing';
    await clock.advanceBy(fenceMs - beatMs);
    expect(worker.model.calls.all[0]?.signal.aborted).toBe(false);
    await clock.advanceBy(2 * beatMs);
    expect(worker.model.calls.all[0]?.signal.aborted).toBe(true);
    await clock.advanceBy(2 * beatMs);
    expect(worker.model.calls.all).toHaveLength(1);
    worker.beats = 'arriving';
    await clock.advanceBy(3 * beatMs);
    const types = await typesOf(message);
    expect(types.filter((type) => type === 'TurnStarted')).toHaveLength(2);
    expect(types.at(-1)).toBe('TurnCompleted');
  });
});
