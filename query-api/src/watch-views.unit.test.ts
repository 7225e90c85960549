import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { EventLog, ViewStore } from '@turnledger/shared/ports';
import { createHopBoard, type HopBoard } from '@turnledger/shared/runtime';
import { ManualClock } from '@turnledger/shared/testing';
import { watchViews } from './watch-views.ts';

const { probeMs } = limits.process;
const { stuckAfterMs } = limits.projector;

let clock: ManualClock;
let board: HopBoard;
let leaving: AbortController;
let watching: Promise<void>;
const stands = { head: 7n, views: 7n, isAway: false };

beforeEach(async () => {
  clock = new ManualClock();
  board = createHopBoard(clock, []);
  leaving = new AbortController();
  Object.assign(stands, { head: 7n, views: 7n, isAway: false });
  const log: Pick<EventLog, 'headPosition'> = {
    headPosition: async () => {
      if (stands.isAway) throw new TurnledgerError('store_unavailable');
      return stands.head;
    },
  };
  const store: Pick<ViewStore, 'checkpoint'> = { checkpoint: async () => stands.views };
  watching = watchViews({ log, store, clock, board, leaving: leaving.signal });
  await clock.advanceBy(probeMs);
});

afterEach(async () => {
  leaving.abort();
  await watching;
  expect(clock.sleeping).toBe(0);
});

const hop = () => board.hops()[0];

test('views at the head are ready, for as long as nothing comes', async () => {
  await clock.advanceBy(10 * stuckAfterMs);
  expect(hop()).toMatchObject({ name: 'read-models', isReady: true, isHint: true, facts: { position: '7' } });
});

test('views that are behind and move are ready', async () => {
  for (let round = 0; round < 10; round += 1) {
    stands.head += 1_000n;
    stands.views += 1n;
    await clock.advanceBy(probeMs);
  }
  expect(hop()).toMatchObject({ isReady: true });
});

test('views that are behind and stand still are stuck, until they move', async () => {
  stands.head = 9n;
  await clock.advanceBy(stuckAfterMs);
  expect(hop()).toMatchObject({ isReady: true });
  await clock.advanceBy(2 * probeMs);
  expect(hop()).toMatchObject({ isReady: false, isHint: true });
  stands.views = 9n;
  await clock.advanceBy(probeMs);
  expect(hop()).toMatchObject({ isReady: true });
});

test('while a store does not answer, the hop stays as it was', async () => {
  stands.isAway = true;
  await clock.advanceBy(5 * stuckAfterMs);
  expect(hop()).toMatchObject({ isReady: true });
});
