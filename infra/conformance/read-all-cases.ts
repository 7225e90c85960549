import assert from 'node:assert/strict';
import {
  type AllStreamResolvedEvent,
  BACKWARDS,
  END,
  type ReadAllOptions,
  streamNameFilter,
} from '@eventstore/db-client';
import type { ConformanceCase } from './conformance-case.ts';
import { type ConformanceRun, idsOf } from './conformance-run.ts';
import { writtenStream } from './written-stream.ts';

const readAll = async (run: ConformanceRun, options: ReadAllOptions): Promise<readonly AllStreamResolvedEvent[]> => {
  const found: AllStreamResolvedEvent[] = [];
  for await (const event of run.client.readAll({ maxCount: 100, ...options })) found.push(event);
  return found;
};

export const readAllCases: readonly ConformanceCase[] = [
  {
    name: 'read $all: forwards from a position, that event included, in the order of positions',
    async check(run) {
      const { stream, ids, from } = await writtenStream(run);
      const read = await readAll(run, { fromPosition: from });
      assert.equal(read[0]?.event?.id, ids[0]);
      assert.deepEqual(idsOf(read.filter(({ event }) => event?.streamId === stream)), ids);
      const commits = read.map(({ event }) => event?.position.commit ?? -1n);
      assert.deepEqual(
        commits,
        commits.toSorted((a, b) => (a < b ? -1 : 1)),
      );
    },
  },
  {
    name: 'read $all: positions are offsets in the log, not counts',
    async check(run) {
      const { from } = await writtenStream(run);
      const [first, second] = await readAll(run, { fromPosition: from, maxCount: 2 });
      assert.equal(first?.event?.position.commit, from.commit);
      assert.ok((second?.event?.position.commit ?? 0n) - from.commit > 1n);
    },
  },
  {
    name: 'read $all: backwards from the end begins with the newest',
    async check(run) {
      const { ids } = await writtenStream(run);
      const read = await readAll(run, { direction: BACKWARDS, fromPosition: END });
      const ours = idsOf(read).filter((id) => id !== undefined && ids.includes(id));
      assert.deepEqual(ours, ids.toReversed());
    },
  },
  {
    name: 'read $all: filters are ignored',
    async check(run) {
      const { stream, from } = await writtenStream(run);
      const options = { fromPosition: from, filter: streamNameFilter({ prefixes: ['no-such-prefix-'] }) };
      const read = await readAll(run, options);
      assert.ok(read.some(({ event }) => event?.streamId === stream));
    },
  },
];
