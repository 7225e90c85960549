import { describe, expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import { Arrivals } from '@turnledger/shared/testing';
import { SummaryLane } from './summary-lane.ts';

const { concurrency, maxWaiting } = limits.summary;
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A lane whose jobs last until they are let go, or aborted. */
function heldLane({ isDue = async (_sessionId: string) => true } = {}) {
  const started = new Arrivals<string>();
  const running = new Map<string, () => void>();
  const errors: unknown[] = [];
  const lane = new SummaryLane({
    isDue,
    run: (sessionId, _correlationId, { signal }) =>
      new Promise<void>((resolve) => {
        running.set(sessionId, resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
        started.add(sessionId);
      }),
    onError: (_sessionId, cause) => errors.push(cause),
  });
  return { lane, started, running, errors };
}

describe('the lane of summaries', () => {
  test('runs so many at once, and the next when one is done', async () => {
    const { lane, started, running } = heldLane();
    for (let session = 1; session <= concurrency + 1; session += 1) lane.offer(`session-${session}`, 'test');
    await started.until(concurrency);
    await tick();
    expect(started.all).toHaveLength(concurrency);
    running.get('session-1')?.();
    await started.until(concurrency + 1);
    await lane.stop();
  });

  test('runs one at a time of a session, and looks at it once more when it was offered meanwhile', async () => {
    const { lane, started, running } = heldLane();
    lane.offer('session', 'first');
    await started.until(1);
    lane.offer('session', 'second');
    lane.offer('session', 'third');
    await tick();
    expect(started.all).toHaveLength(1);
    running.get('session')?.();
    await started.until(2);
    running.get('session')?.();
    await tick();
    expect(started.all).toHaveLength(2);
    expect(lane.isIdle).toBe(true);
  });

  test('leaves out what finds too many before it, and takes it when it is offered again', async () => {
    const { lane, started, running } = heldLane();
    const all = concurrency + maxWaiting;
    for (let session = 1; session <= all + 1; session += 1) lane.offer(`session-${session}`, 'test');
    await started.until(concurrency);
    await tick();
    for (let session = 1; session <= all; session += 1) {
      await started.until(session);
      running.get(`session-${session}`)?.();
    }
    await tick();
    expect(started.all).toHaveLength(all);
    lane.offer(`session-${all + 1}`, 'test');
    await started.until(all + 1);
    await lane.stop();
  });

  test('takes no slot for a session that has nothing due', async () => {
    const { lane, started } = heldLane({ isDue: async (sessionId) => sessionId === 'due' });
    for (let session = 1; session <= concurrency; session += 1) lane.offer(`session-${session}`, 'test');
    lane.offer('due', 'test');
    expect(await started.until(1)).toEqual(['due']);
    await lane.stop();
  });

  test('aborts what runs and takes nothing more once it is told to stop', async () => {
    const { lane, started } = heldLane();
    lane.offer('session-1', 'test');
    await started.until(1);
    await lane.stop();
    lane.offer('session-2', 'test');
    await tick();
    expect(lane.isIdle).toBe(true);
    expect(started.all).toEqual(['session-1']);
  });

  test('goes on after a job that failed, and says so', async () => {
    const cause = new TypeError('planted');
    const { lane, started, errors } = heldLane({
      isDue: async (sessionId) => {
        if (sessionId === 'bad') throw cause;
        return true;
      },
    });
    lane.offer('bad', 'test');
    lane.offer('good', 'test');
    await started.until(1);
    await lane.stop();
    expect(errors).toEqual([cause]);
  });
});
