import { beforeEach, describe, expect, test } from '@jest/globals';
import { openMemoryWorkerLiveness } from '@turnledger/shared/adapters/memory';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { WorkerLiveness } from '@turnledger/shared/ports';
import { ManualClock } from '@turnledger/shared/testing';
import { watchHolders } from './holder-watch.ts';
import type { ClaimHolders } from './ports.ts';

const { leaseMs } = limits.worker;
const { lookMs } = limits.liveness;
const claim = { turnId: 'turn', attempt: 1, worker: 'holder' };

let clock: ManualClock;
let liveness: WorkerLiveness;
let looks: number;
let isAway: boolean;
let holders: ClaimHolders;

beforeEach(async () => {
  clock = new ManualClock();
  [looks, isAway] = [0, false];
  const store = openMemoryWorkerLiveness();
  liveness = {
    ...store,
    async beats() {
      looks += 1;
      if (isAway) throw new TurnledgerError('store_unavailable');
      return store.beats();
    },
  };
  holders = watchHolders({ liveness, clock });
  await liveness.beat('holder');
});

describe('a holder', () => {
  test('is not lost at the first look, however old its claim is', async () => {
    await clock.advanceBy(10 * leaseMs);
    expect(await holders.isLost(claim)).toBe(false);
  });

  test('is lost once the lease has passed without a beat', async () => {
    await holders.isLost(claim);
    await clock.advanceBy(leaseMs - 1);
    expect(await holders.isLost(claim)).toBe(false);
    await clock.advanceBy(lookMs);
    expect(await holders.isLost(claim)).toBe(true);
  });

  test('is not lost as long as it beats, and from a beat on the proof begins anew', async () => {
    await holders.isLost(claim);
    for (let second = 0; second < 20; second += 1) {
      await clock.advanceBy(leaseMs - 1_000);
      await liveness.beat('holder');
      expect(await holders.isLost(claim)).toBe(false);
    }
    await clock.advanceBy(leaseMs);
    expect(await holders.isLost(claim)).toBe(true);
  });

  test('has the whole lease for each of its claims: another one proves nothing', async () => {
    await holders.isLost(claim);
    await clock.advanceBy(leaseMs);
    expect(await holders.isLost(claim)).toBe(true);
    for (const other of [
      { ...claim, turnId: 'other' },
      { ...claim, attempt: 2 },
    ])
      expect(await holders.isLost(other)).toBe(false);
  });

  test('is lost at once when it has said goodbye', async () => {
    await liveness.end('holder');
    expect(await holders.isLost(claim)).toBe(true);
  });

  test('that nobody has ever heard of is lost after the lease', async () => {
    const unheard = { ...claim, worker: 'unheard' };
    expect(await holders.isLost(unheard)).toBe(false);
    await clock.advanceBy(leaseMs);
    expect(await holders.isLost(unheard)).toBe(true);
  });

  test('is not judged while the beats cannot be read, and not by an old look afterwards', async () => {
    await holders.isLost(claim);
    isAway = true;
    await clock.advanceBy(leaseMs);
    await expect(holders.isLost(claim)).rejects.toMatchObject({ code: 'store_unavailable' });
    isAway = false;
    await liveness.beat('holder');
    expect(await holders.isLost(claim)).toBe(false);
  });
});

test('many questions at once are one look', async () => {
  const many = Array.from({ length: 64 }, (_, turn) => ({ ...claim, turnId: String(turn) }));
  await Promise.all(many.map((one) => holders.isLost(one)));
  await holders.isLost(claim);
  expect(looks).toBe(1);
  await clock.advanceBy(lookMs);
  await holders.isLost(claim);
  expect(looks).toBe(2);
});
