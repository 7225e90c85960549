import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppendResult, EventData } from '@eventstore/db-client';
import { type ConformanceCase, onBothPaths } from './conformance-case.ts';
import { type AppendPath, type ConformanceRun, type Expected, newEvents } from './conformance-run.ts';
import { follow } from './followed.ts';

const RECOVERY_MS = 20_000;
const RETRY_MS = 50;

const restart = async (run: ConformanceRun): Promise<void> => {
  await run.power?.stop();
  await run.power?.start();
};

/** Appends until it is answered: the same client recovers by itself, but not at once. */
const untilAnswered = async (
  run: ConformanceRun,
  path: AppendPath,
  stream: string,
  expected: Expected,
  events: readonly EventData[],
): Promise<AppendResult> => {
  const startedAtMs = performance.now();
  for (;;) {
    try {
      return await run.append(path, stream, expected, events);
    } catch (error) {
      if (performance.now() - startedAtMs > RECOVERY_MS) throw error;
      await delay(RETRY_MS);
    }
  }
};

export const restartCases: readonly ConformanceCase[] = [
  ...onBothPaths(
    'restart',
    'the same client recovers, what was acknowledged is there, and the same ids repeat',
    async (run, path) => {
      const stream = run.newStream();
      const [events, later] = [newEvents(3), newEvents(2)];
      const written = await run.append(path, stream, 'no_stream', events);
      await run.append(path, stream, 2n, later);
      await restart(run);
      const again = await untilAnswered(run, path, stream, 'no_stream', events);
      assert.equal(again.nextExpectedRevision, written.nextExpectedRevision);
      assert.deepEqual(again.position, written.position);
      assert.equal((await run.read(stream)).length, 5);
    },
    { needsPower: true },
  ),
  ...onBothPaths(
    'restart',
    '"any" forgets what it had written',
    async (run, path) => {
      const stream = run.newStream();
      const events = newEvents(2);
      await run.append(path, stream, 'any', events);
      await restart(run);
      const again = await untilAnswered(run, path, stream, 'any', events);
      assert.equal(again.nextExpectedRevision, 3n);
    },
    { needsPower: true },
  ),
  ...onBothPaths(
    'restart',
    'while it is down an append fails with code 14',
    async (run, path) => {
      const stream = run.newStream();
      await run.append(path, stream, 'no_stream', newEvents(1));
      await run.power?.stop();
      // The first append after a death may still be told of the lost connection; the one behind it knows.
      await run.append(path, stream, 0n, newEvents(1)).catch(() => undefined);
      const error: unknown = await run.append(path, stream, 0n, newEvents(1)).catch((reason: unknown) => reason);
      await run.power?.start();
      assert.ok(error instanceof Error && 'code' in error, `expected an error with a code, got ${error}`);
      assert.equal(error.code, 14);
    },
    { needsPower: true },
  ),
  {
    name: 'restart: a subscription dies with one error and no end, and loses nothing when it comes back by its position',
    needsPower: true,
    async check(run) {
      const stream = run.newStream();
      await run.append('unary', stream, 'no_stream', newEvents(2));
      const followed = follow(run.client.subscribeToStream(stream));
      await followed.received(2);
      await restart(run);
      await untilAnswered(run, 'unary', stream, 1n, newEvents(2));
      assert.deepEqual([followed.errors.length, followed.hasEnded], [1, false]);
      const again = follow(run.client.subscribeToStream(stream, { fromRevision: 1n }));
      await again.received(2);
      await again.unsubscribe();
    },
  },
];
