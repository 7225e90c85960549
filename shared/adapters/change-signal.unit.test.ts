import { expect, test } from '@jest/globals';
import { ChangeSignal } from './change-signal.ts';

const never = new AbortController().signal;

test('a waiter wakes at the next change', async () => {
  const changes = new ChangeSignal();
  const woken = changes.changed(changes.version, never);
  changes.raise();
  await expect(woken).resolves.toBeUndefined();
});

test('a change between looking and waiting is not lost', async () => {
  const changes = new ChangeSignal();
  const { version } = changes;
  changes.raise();
  await expect(changes.changed(version, never)).resolves.toBeUndefined();
});

test('a waiter wakes when its signal aborts, before or after', async () => {
  const changes = new ChangeSignal();
  const stop = new AbortController();
  const woken = changes.changed(changes.version, stop.signal);
  stop.abort();
  await expect(woken).resolves.toBeUndefined();
  await expect(changes.changed(changes.version, stop.signal)).resolves.toBeUndefined();
});

test('all waiters of one change wake', async () => {
  const changes = new ChangeSignal();
  const woken = Promise.all(Array.from({ length: 50 }, () => changes.changed(0, new AbortController().signal)));
  changes.raise();
  await expect(woken).resolves.toHaveLength(50);
});
