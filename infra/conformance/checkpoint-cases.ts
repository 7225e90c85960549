import assert from 'node:assert/strict';
import { type Position, streamNameFilter } from '@eventstore/db-client';
import type { ConformanceCase } from './conformance-case.ts';
import { newEvents } from './conformance-run.ts';
import { type Followed, follow } from './followed.ts';
import { positionAfter } from './written-stream.ts';

/** Over the pages that a server looks at from one checkpoint to the next. */
const FOREIGN_EVENTS = 300;

const filtered = (prefix: string, checkpointReached?: (position: Position) => void) =>
  streamNameFilter({
    prefixes: [prefix],
    ...(checkpointReached && { checkpointReached: async (_, position) => checkpointReached(position) }),
  });

export const checkpointCases: readonly ConformanceCase[] = [
  {
    name: 'subscription: checkpoints pass foreign traffic, and one can come back by them',
    async check(run) {
      const [wanted, foreign] = [run.newStream('wanted'), run.newStream('foreign')];
      const fromPosition = await positionAfter(run, foreign);
      for (let written = 0; written < FOREIGN_EVENTS; written += 100)
        await run.append('unary', foreign, 'any', newEvents(100));
      const followed: Followed[] = [];
      const checkpoint = await new Promise<Position>((reached) => {
        const filter = filtered(wanted, reached);
        followed.push(follow(run.client.subscribeToAll({ fromPosition, filter })));
      });
      await followed[0]?.unsubscribe();
      assert.ok(checkpoint.commit > fromPosition.commit);
      const again = follow(run.client.subscribeToAll({ fromPosition: checkpoint, filter: filtered(wanted) }));
      await run.append('unary', wanted, 'no_stream', newEvents(1));
      await again.received(1);
      await again.unsubscribe();
      assert.deepEqual(again.errors, []);
    },
  },
  {
    name: 'subscription: checkpoint callbacks run ahead of the handler',
    async check(run) {
      const [wanted, foreign] = [run.newStream('wanted'), run.newStream('foreign')];
      const fromPosition = await positionAfter(run, foreign);
      await run.append('unary', wanted, 'no_stream', newEvents(1));
      for (let written = 0; written < FOREIGN_EVENTS; written += 100)
        await run.append('unary', foreign, 'any', newEvents(100));
      const waiting = await new Promise<number>((resolve) => {
        const filter = filtered(wanted, () => resolve(unread.readableLength));
        const unread = run.client.subscribeToAll({ fromPosition, filter });
      });
      assert.equal(waiting, 1, 'nobody has read the event that stands before the checkpoint');
    },
  },
];
