import { describe, expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import { ManualClock } from '@turnledger/shared/testing';
import { createHopBoard } from './hop-board.ts';

const { stuckAfterMs } = limits.projector;

function board() {
  const clock = new ManualClock();
  const queue = { depth: 0, running: 0 };
  const hops = createHopBoard(clock, ['relay'], () => ({ ...queue }));
  const report = (position: bigint, isCaughtUp: boolean) =>
    hops.report({ name: 'relay', position, isCaughtUp, movedAtMs: clock.monotonicMs() });
  const hop = (name: string) => hops.hops().find((one) => one.name === name);
  const now = () => new Date(clock.nowMs()).toISOString();
  return { clock, queue, report, hop, now };
}

describe('a projector', () => {
  test('is ready once it has caught up, and as long as it moves', async () => {
    const { clock, report, hop } = board();
    expect(hop('relay')).toMatchObject({ isReady: false, facts: { position: '0' } });
    report(7n, true);
    report(8n, false);
    await clock.advanceBy(stuckAfterMs);
    expect(hop('relay')).toMatchObject({ isReady: true, facts: { position: '8' } });
  });

  test('is stuck, and since when, once it is behind and stands still', async () => {
    const { clock, report, hop, now } = board();
    report(7n, true);
    report(8n, false);
    await clock.advanceBy(stuckAfterMs + 1);
    const stuckSince = now();
    expect(hop('relay')).toMatchObject({ isReady: false, since: stuckSince });
    await clock.advanceBy(1_000);
    expect(hop('relay')).toMatchObject({ isReady: false, since: stuckSince });
  });
});

describe('the worker', () => {
  test('is stuck while the queue is full, and says since when', async () => {
    const { clock, queue, hop, now } = board();
    const startedAt = now();
    await clock.advanceBy(1_000);
    expect(hop('inference-worker')).toMatchObject({ isReady: true, since: startedAt });
    queue.depth = limits.queue.maxMessages;
    const fullSince = now();
    expect(hop('inference-worker')).toMatchObject({ isReady: false, since: fullSince });
    await clock.advanceBy(1_000);
    expect(hop('inference-worker')).toMatchObject({ isReady: false, since: fullSince, facts: { running: 0 } });
  });
});
