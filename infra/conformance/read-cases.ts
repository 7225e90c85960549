import assert from 'node:assert/strict';
import { BACKWARDS, END, type Position, StreamNotFoundError } from '@eventstore/db-client';
import type { ConformanceCase } from './conformance-case.ts';
import { idsOf, newEvent } from './conformance-run.ts';
import { writtenStream } from './written-stream.ts';

const CLOCK_TOLERANCE_MS = 60_000;
/** -1 as an unsigned number. */
const NO_POSITION = 2n ** 64n - 1n;

export const readCases: readonly ConformanceCase[] = [
  {
    name: 'read: forwards from a revision, that one included, at most so many',
    async check(run) {
      const { stream, ids } = await writtenStream(run);
      assert.deepEqual(idsOf(await run.read(stream, { fromRevision: 1n, maxCount: 2 })), ids.slice(1, 3));
    },
  },
  {
    name: 'read: backwards from the end',
    async check(run) {
      const { stream, ids } = await writtenStream(run);
      const read = await run.read(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 2 });
      assert.deepEqual(idsOf(read), [ids[4], ids[3]]);
    },
  },
  {
    name: 'read: backwards begins at the start when it is not told otherwise',
    async check(run) {
      const { stream, ids } = await writtenStream(run);
      assert.deepEqual(idsOf(await run.read(stream, { direction: BACKWARDS })), ids.slice(0, 1));
    },
  },
  {
    name: 'read: a revision beyond the end is an empty answer',
    async check(run) {
      const { stream } = await writtenStream(run);
      assert.deepEqual(await run.read(stream, { fromRevision: 5n }), []);
    },
  },
  {
    name: 'read: a missing stream is an error of its own',
    async check(run) {
      const stream = run.newStream();
      await assert.rejects(run.read(stream), (error: unknown) => {
        assert.ok(error instanceof StreamNotFoundError, `expected a missing stream, got ${error}`);
        assert.equal(error.streamName, stream);
        return true;
      });
    },
  },
  {
    name: 'read: id, type, data, metadata and time come back',
    async check(run) {
      const stream = run.newStream();
      const sent = newEvent({ text: 'Grüße, 世界', nested: [1, null, true] });
      await run.append('unary', stream, 'no_stream', [sent]);
      const event = (await run.read(stream))[0]?.event;
      assert.deepEqual(
        [event?.id, event?.type, event?.data, event?.metadata, event?.streamId, event?.revision, event?.isJson],
        [sent.id, sent.type, sent.data, sent.metadata, stream, 0n, true],
      );
      assert.ok(Math.abs((event?.created.getTime() ?? 0) - Date.now()) < CLOCK_TOLERANCE_MS, 'the server’s own clock');
    },
  },
  {
    name: 'read: events of a stream carry no usable log position',
    async check(run) {
      const { stream } = await writtenStream(run);
      const positions = (await run.read(stream)).map(({ event }): Position | undefined => event?.position);
      assert.ok(positions.every((position) => position === undefined || position.commit === NO_POSITION));
    },
  },
  {
    name: 'read: a deleted stream reads as missing and goes on behind its old revisions',
    async check(run) {
      const { stream } = await writtenStream(run);
      await run.client.deleteStream(stream, { expectedRevision: 4n });
      await assert.rejects(run.read(stream), StreamNotFoundError);
      const again = await run.append('unary', stream, 'no_stream', [newEvent()]);
      assert.equal(again.nextExpectedRevision, 5n);
      assert.equal((await run.read(stream)).length, 1);
    },
  },
];
