import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { systemClock } from './system-clock.ts';

describe('systemClock', () => {
  test('tells the time since the epoch', () => {
    expect(systemClock.nowMs()).toBeGreaterThan(Date.UTC(2024, 0));
  });

  test('sleeps at least as long as it was asked to', async () => {
    const startedMs = systemClock.monotonicMs();
    await systemClock.sleep(20);
    // A timer counts whole milliseconds and may fire up to one early.
    expect(systemClock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(19);
  });

  test('wakes early when the signal aborts', async () => {
    const stop = new AbortController();
    const asleep = systemClock.sleep(60_000, stop.signal);
    stop.abort();
    await expect(asleep).resolves.toBeUndefined();
  });

  test('does not fall asleep under an aborted signal', async () => {
    await expect(systemClock.sleep(60_000, AbortSignal.abort())).resolves.toBeUndefined();
  });

  test('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    await systemClock.sleep(1, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('waits for longer than one timer can hold instead of not at all', async () => {
    const stop = new AbortController();
    const asleep = systemClock.sleep(10_000_000_000, stop.signal);
    const first = await Promise.race([asleep.then(() => 'woke'), systemClock.sleep(20).then(() => 'still asleep')]);
    stop.abort();
    expect(first).toBe('still asleep');
    await asleep;
  });
});
