import assert from 'node:assert/strict';
import { StreamNotFoundError, WrongExpectedVersionError } from '@eventstore/db-client';
import { type ConformanceCase, onBothPaths } from './conformance-case.ts';
import { idsOf, newEvent, newEvents } from './conformance-run.ts';

/** The conflict that an append ends in, or a failed assertion. */
export const conflictOf = async (append: Promise<unknown>): Promise<WrongExpectedVersionError> => {
  const error: unknown = await append.then(
    () => assert.fail('the append succeeded'),
    (reason) => reason,
  );
  assert.ok(error instanceof WrongExpectedVersionError, `expected a conflict, got ${error}`);
  return error;
};

export const appendCases: readonly ConformanceCase[] = [
  ...onBothPaths('append', 'success names the last written revision and a position', async (run, path) => {
    const stream = run.newStream();
    const first = await run.append(path, stream, 'no_stream', newEvents(3));
    const second = await run.append(path, stream, 2n, newEvents(2));
    assert.equal(first.success, true);
    assert.equal(first.nextExpectedRevision, 2n);
    assert.equal(second.nextExpectedRevision, 4n);
    assert.ok((second.position?.commit ?? 0n) > (first.position?.commit ?? 0n), 'positions rise');
  }),
  ...onBothPaths('append', 'events of one append stand side by side, in order', async (run, path) => {
    const stream = run.newStream();
    const events = newEvents(5);
    await run.append(path, stream, 'no_stream', events);
    assert.deepEqual(
      idsOf(await run.read(stream)),
      events.map(({ id }) => id),
    );
  }),
  ...onBothPaths('append', 'an empty array succeeds and writes nothing', async (run, path) => {
    const stream = run.newStream();
    const nothing = await run.append(path, stream, 'no_stream', []);
    assert.equal(nothing.success, true);
    await assert.rejects(run.read(stream), StreamNotFoundError);
  }),
  ...onBothPaths('append', 'of sixteen writers at one revision one wins, the others conflict', async (run, path) => {
    const stream = run.newStream();
    await run.append(path, stream, 'no_stream', [newEvent()]);
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, () => run.append(path, stream, 0n, [newEvent()])),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await run.read(stream)).length, 2);
  }),
  ...onBothPaths('conflict', 'a stream that stands is not "no_stream", and its revision is told', async (run, path) => {
    const stream = run.newStream();
    await run.append(path, stream, 'no_stream', newEvents(2));
    const conflict = await conflictOf(run.append(path, stream, 'no_stream', [newEvent()]));
    assert.equal(conflict.actualVersion, 1n);
    assert.equal(conflict.streamName, stream);
  }),
  ...onBothPaths('conflict', 'a stream that is not there tells "no_stream"', async (run, path) => {
    const conflict = await conflictOf(run.append(path, run.newStream(), 4n, [newEvent()]));
    assert.equal(conflict.actualVersion, 'no_stream');
  }),
  ...onBothPaths('conflict', '"stream_exists" needs a stream', async (run, path) => {
    await conflictOf(run.append(path, run.newStream(), 'stream_exists', [newEvent()]));
  }),
  ...onBothPaths('conflict', 'a revision behind the end is none', async (run, path) => {
    const stream = run.newStream();
    await run.append(path, stream, 'no_stream', [newEvent()]);
    const conflict = await conflictOf(run.append(path, stream, 1n, [newEvent()]));
    assert.equal(conflict.actualVersion, 0n);
  }),
  ...onBothPaths('conflict', 'other ids at a revision that has been passed write nothing', async (run, path) => {
    const stream = run.newStream();
    const events = newEvents(2);
    await run.append(path, stream, 'no_stream', events);
    const conflict = await conflictOf(run.append(path, stream, 0n, [newEvent()]));
    assert.equal(conflict.actualVersion, 1n);
    assert.deepEqual(
      idsOf(await run.read(stream)),
      events.map(({ id }) => id),
    );
  }),
  {
    // On the batch path a malformed id ends in an uncaught TypeError inside the library, so it is not tried here.
    name: 'append (unary): a malformed id is a plain error, writes nothing, and the next append goes through',
    async check(run) {
      const stream = run.newStream();
      await assert.rejects(run.append('unary', stream, 'no_stream', [newEvent({ n: 0 }, 'no-uuid')]));
      const written = await run.append('unary', stream, 'no_stream', [newEvent()]);
      assert.equal(written.nextExpectedRevision, 0n);
    },
  },
  {
    name: 'conflict (batch): a client that does not throw reports a revision that is not the stream’s',
    async check(run) {
      const stream = run.newStream();
      await run.append('batch', stream, 'no_stream', newEvents(8));
      const quiet = run.separateClient('&throwOnAppendFailure=false');
      const result = await quiet.appendToStream(stream, [newEvent()], { expectedRevision: 'no_stream' });
      assert.equal(result.success, false);
      assert.notEqual(result.nextExpectedRevision, 7n);
    },
  },
];
