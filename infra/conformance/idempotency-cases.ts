import assert from 'node:assert/strict';
import { conflictOf } from './append-cases.ts';
import { type ConformanceCase, onBothPaths } from './conformance-case.ts';
import { idsOf, newEvent, newEvents } from './conformance-run.ts';

export const idempotencyCases: readonly ConformanceCase[] = [
  ...onBothPaths('idempotency', 'the same ids at the same revision are answered as they were', async (run, path) => {
    const stream = run.newStream();
    const [events, later] = [newEvents(2), newEvents(2)];
    const written = await run.append(path, stream, 'no_stream', events);
    const writtenLater = await run.append(path, stream, 1n, later);
    assert.deepEqual(await run.append(path, stream, 1n, later), writtenLater);
    const again = await run.append(path, stream, 'no_stream', events);
    assert.equal(again.nextExpectedRevision, written.nextExpectedRevision, 'also after a later append');
    assert.deepEqual(again.position, written.position);
    assert.equal((await run.read(stream)).length, 4);
  }),
  ...onBothPaths('idempotency', 'a prefix and a middle run repeat at their own revisions', async (run, path) => {
    const stream = run.newStream();
    const events = newEvents(5);
    await run.append(path, stream, 'no_stream', events);
    const prefix = await run.append(path, stream, 'no_stream', events.slice(0, 2));
    const middle = await run.append(path, stream, 1n, events.slice(2, 4));
    assert.equal(prefix.nextExpectedRevision, 1n);
    assert.equal(middle.nextExpectedRevision, 3n);
    assert.equal((await run.read(stream)).length, 5);
  }),
  ...onBothPaths(
    'idempotency',
    'another body under the same id is answered with success; the old one stays',
    async (run, path) => {
      const stream = run.newStream();
      const event = newEvent({ text: 'old' });
      await run.append(path, stream, 'no_stream', [event]);
      const again = await run.append(path, stream, 'no_stream', [newEvent({ text: 'new' }, event.id)]);
      assert.equal(again.nextExpectedRevision, 0n);
      assert.deepEqual((await run.read(stream))[0]?.event?.data, { text: 'old' });
    },
  ),
  ...onBothPaths('idempotency', 'a superset conflicts', async (run, path) => {
    const stream = run.newStream();
    const events = newEvents(2);
    await run.append(path, stream, 'no_stream', events);
    await conflictOf(run.append(path, stream, 'no_stream', [...events, newEvent()]));
    assert.equal((await run.read(stream)).length, 2);
  }),
  ...onBothPaths('idempotency', 'reordered ids conflict', async (run, path) => {
    const stream = run.newStream();
    const events = newEvents(2);
    await run.append(path, stream, 'no_stream', events);
    await conflictOf(run.append(path, stream, 'no_stream', events.toReversed()));
  }),
  ...onBothPaths('idempotency', 'the same ids at the newest revision are written again', async (run, path) => {
    const stream = run.newStream();
    const events = newEvents(2);
    await run.append(path, stream, 'no_stream', events);
    const again = await run.append(path, stream, 1n, events);
    assert.equal(again.nextExpectedRevision, 3n);
    assert.deepEqual(
      idsOf(await run.read(stream)),
      [...events, ...events].map(({ id }) => id),
    );
  }),
  ...onBothPaths('idempotency', '"any" knows the ids of this run of the server', async (run, path) => {
    const stream = run.newStream();
    const events = newEvents(2);
    const written = await run.append(path, stream, 'any', events);
    await run.append(path, stream, 'any', newEvents(1));
    const again = await run.append(path, stream, 'any', events);
    assert.equal(again.nextExpectedRevision, written.nextExpectedRevision);
    assert.equal((await run.read(stream)).length, 3);
  }),
  ...onBothPaths('idempotency', 'ids are not unique across streams', async (run, path) => {
    const events = newEvents(2);
    for (const stream of [run.newStream(), run.newStream()]) {
      const written = await run.append(path, stream, 'no_stream', events);
      assert.equal(written.nextExpectedRevision, 1n);
      assert.equal((await run.read(stream)).length, 2);
    }
  }),
  ...onBothPaths('idempotency', 'sixteen retries at once make one event', async (run, path) => {
    const stream = run.newStream();
    const events = newEvents(1);
    const answers = await Promise.all(Array.from({ length: 16 }, () => run.append(path, stream, 'no_stream', events)));
    assert.ok(answers.every(({ nextExpectedRevision }) => nextExpectedRevision === 0n));
    assert.equal((await run.read(stream)).length, 1);
  }),
  {
    name: 'idempotency: what one path wrote the other repeats',
    async check(run) {
      const stream = run.newStream();
      const events = newEvents(2);
      const written = await run.append('batch', stream, 'no_stream', events);
      const again = await run.append('unary', stream, 'no_stream', events);
      assert.deepEqual(again.position, written.position);
      assert.equal((await run.read(stream)).length, 2);
    },
  },
];
