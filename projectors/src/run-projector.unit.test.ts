import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryEventLog } from '@turnledger/shared/adapters/memory';
import { limits } from '@turnledger/shared/contracts';
import { silentLog } from '@turnledger/shared/runtime';
import { Arrivals, encodedEvents, freshStream, ManualClock } from '@turnledger/shared/testing';
import { type Projector, type ProjectorStatus, runProjector } from './run-projector.ts';

let clock: ManualClock;
let log: MemoryEventLog;
let stop: AbortController;
let caughtUp: Arrivals<bigint>;
let statuses: Arrivals<ProjectorStatus>;

beforeEach(() => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  stop = new AbortController();
  caughtUp = new Arrivals();
  statuses = new Arrivals();
});

const record = (count: number) => log.append(freshStream(), 'no_stream', encodedEvents(count));

/** A projector whose checkpoint is in memory, as a store would hold it. */
function recorder(apply: (positions: readonly bigint[], signal: AbortSignal) => Promise<void> = async () => {}) {
  const applied: bigint[] = [];
  let checkpoint = 0n;
  const projector: Projector = {
    name: 'recorder',
    start: async () => checkpoint,
    async apply(events, position, signal) {
      const positions = events.map((event) => event.position);
      await apply(positions, signal);
      applied.push(...positions);
      checkpoint = position;
    },
    onCaughtUp: (position) => caughtUp.add(position),
  };
  return { projector, applied };
}

const run = (projector: Projector) =>
  runProjector({ log, clock, logger: silentLog }, projector, stop.signal, (status) => statuses.add(status));

const upTo = (count: number) => Array.from({ length: count }, (_, index) => BigInt(index + 1));

describe('runProjector', () => {
  test('applies every event in order and says when nothing older is left', async () => {
    await record(5);
    const { projector, applied } = recorder();
    const running = run(projector);
    expect(await caughtUp.until(1)).toEqual([5n]);
    await record(2);
    await caughtUp.until(2);
    stop.abort();
    await running;
    expect(applied).toEqual(upTo(7));
    expect(statuses.all.at(-1)).toMatchObject({ name: 'recorder', position: 7n, isCaughtUp: true });
  });

  test('says of an empty log that it is caught up', async () => {
    const running = run(recorder().projector);
    expect(await caughtUp.until(1)).toEqual([0n]);
    stop.abort();
    await running;
  });

  test('goes on after its checkpoint', async () => {
    await record(5);
    const { projector, applied } = recorder();
    const running = run({ ...projector, start: async () => 3n });
    await caughtUp.until(1);
    stop.abort();
    await running;
    expect(applied).toEqual([4n, 5n]);
  });

  test('a batch that fails is read again after a pause, and nothing is skipped', async () => {
    await record(4);
    let failures = 3;
    const failed = new Arrivals<number>();
    const { projector, applied } = recorder(async () => {
      if (failures === 0) return;
      failures -= 1;
      failed.add(failures);
      throw new TypeError('the store is away');
    });
    const running = run(projector);
    for (let round = 1; round <= 3; round += 1) {
      await failed.until(round);
      while (clock.sleeping === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      await clock.advanceBy(limits.projector.retryMs);
    }
    await caughtUp.until(1);
    stop.abort();
    await running;
    expect(applied).toEqual(upTo(4));
  });

  test('one that was caught up and fails says so, from when it began to, until it is again', async () => {
    let fails = false;
    const { projector } = recorder(async () => {
      if (fails) throw new TypeError('a planted fault');
    });
    const running = run(projector);
    await caughtUp.until(1);
    await clock.advanceBy(60_000);
    fails = true;
    const seen = statuses.all.length;
    await record(1);
    const [failing] = (await statuses.until(seen + 1)).slice(seen);
    expect(failing).toMatchObject({ position: 0n, isCaughtUp: false, movedAtMs: 60_000 });
    await clock.advanceBy(limits.projector.retryMs);
    fails = false;
    await clock.advanceBy(limits.projector.retryMs);
    await caughtUp.until(2);
    stop.abort();
    await running;
    expect(statuses.all.slice(seen).map(({ isCaughtUp }) => isCaughtUp)).toEqual([false, true]);
  });

  test('no batch is over its bound', async () => {
    for (let round = 0; round < 7; round += 1) await record(100);
    const sizes: number[] = [];
    const { projector, applied } = recorder(async ({ length }) => {
      sizes.push(length);
    });
    const running = run(projector);
    await caughtUp.until(1);
    stop.abort();
    await running;
    expect(applied).toEqual(upTo(700));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(limits.projector.maxBatchEvents);
  });

  test('a batch in hand is finished before the loop ends', async () => {
    await record(1);
    const inHand = new Arrivals<boolean>();
    const goOn = new Arrivals<boolean>();
    const { projector, applied } = recorder(async () => {
      inHand.add(true);
      await goOn.until(1);
    });
    const running = run(projector);
    await inHand.until(1);
    stop.abort();
    expect(applied).toEqual([]);
    goOn.add(true);
    await running;
    expect(applied).toEqual([1n]);
  });

  test('a batch that waits for what will not come is told that the loop is to end', async () => {
    await record(1);
    const inHand = new Arrivals<boolean>();
    const { projector } = recorder(async (_positions, signal) => {
      inHand.add(true);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    });
    const running = run(projector);
    await inHand.until(1);
    stop.abort();
    await running;
  });

  describe('of a projector that gathers', () => {
    const gatherMs = 10;
    const batches: (readonly bigint[])[] = [];
    const gathering = (): Projector => {
      batches.length = 0;
      return {
        ...recorder(async (positions) => {
          batches.push(positions);
        }).projector,
        gatherMs,
      };
    };
    const untilPause = async () => {
      while (clock.sleeping === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    };

    test('the first event waits for nothing, and what comes in the pause after it is one batch', async () => {
      const running = run(gathering());
      await caughtUp.until(1);
      await record(1);
      await untilPause();
      expect(batches).toEqual([[1n]]);
      await record(2);
      await record(1);
      await clock.advanceBy(gatherMs);
      await untilPause();
      expect(batches).toEqual([[1n], [2n, 3n, 4n]]);
      stop.abort();
      await running;
    });

    test('no pause is made while older events are left', async () => {
      for (let round = 0; round < 12; round += 1) await record(100);
      const running = run(gathering());
      await caughtUp.until(1);
      expect(batches.flat()).toEqual(upTo(1_200));
      stop.abort();
      await running;
    });

    test('the pause ends with the loop', async () => {
      await record(1);
      const running = run(gathering());
      await untilPause();
      stop.abort();
      await running;
      expect(clock.sleeping).toBe(0);
    });
  });

  test('ends at once while it waits to try again', async () => {
    await record(1);
    const failed = new Arrivals<boolean>();
    const running = run(
      recorder(async () => {
        failed.add(true);
        throw new TypeError('the store is away');
      }).projector,
    );
    await failed.until(1);
    stop.abort();
    await running;
    expect(clock.sleeping).toBe(0);
  });
});
