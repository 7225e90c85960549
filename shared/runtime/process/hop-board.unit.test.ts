import { describe, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { createHopBoard } from './hop-board.ts';

const { stuckAfterMs } = limits.projector;

function board() {
  const clock = new ManualClock();
  const queue = { depth: 0, running: 0 };
  const hops = createHopBoard(clock, ['relay']);
  hops.add('inference-worker', () => ({ isReady: queue.depth < limits.queue.maxMessages, facts: { ...queue } }));
  const report = (position: bigint, isCaughtUp: boolean) =>
    hops.report({ name: 'relay', position, isCaughtUp, movedAtMs: clock.monotonicMs() });
  const hop = (name: string) => hops.hops().find((one) => one.name === name);
  const now = () => new Date(clock.nowMs()).toISOString();
  return { clock, queue, hops, report, hop, now };
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

describe('a loop that one of several processes leads', () => {
  test('is ready while another leads it, and says so', () => {
    const { hops, hop } = board();
    hops.standBy('relay');
    expect(hop('relay')).toMatchObject({ isReady: true, facts: { leads: false } });
    expect(hop('relay')?.facts).not.toHaveProperty('position');
  });

  test('is not ready from the lead to the first time that it has caught up', () => {
    const { hops, report, hop } = board();
    hops.standBy('relay');
    hops.lead('relay');
    expect(hop('relay')).toMatchObject({ isReady: false, facts: { leads: true, position: '0' } });
    report(7n, true);
    expect(hop('relay')).toMatchObject({ isReady: true, facts: { leads: true, position: '7' } });
  });

  test('is not stuck any more once the lead is another’s', async () => {
    const { clock, hops, report, hop } = board();
    hops.lead('relay');
    report(7n, false);
    await clock.advanceBy(stuckAfterMs + 1);
    expect(hop('relay')).toMatchObject({ isReady: false });
    hops.standBy('relay');
    expect(hop('relay')).toMatchObject({ isReady: true });
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
