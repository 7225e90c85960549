import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { END } from '@eventstore/db-client';
import type { ConformanceCase } from './conformance-case.ts';
import { newEvent, newEvents } from './conformance-run.ts';
import { follow } from './followed.ts';

const CALLS_PER_CONNECTION = 100;
/** How long nothing must happen before we believe that it will not. */
const QUIET_MS = 500;

export const openCallCases: readonly ConformanceCase[] = [
  {
    name: 'read: a read that is left early keeps its call; about the hundredth on a connection hangs',
    async check(run) {
      const client = run.separateClient();
      const stream = run.newStream();
      // Over a call's window of 64 KiB: a call whose answer has come whole is over, read or not.
      const text = 'x'.repeat(8_000);
      await run.append(
        'unary',
        stream,
        'no_stream',
        Array.from({ length: 100 }, () => newEvent({ text })),
      );
      const leaveEarly = async () => {
        for await (const { event } of client.readStream(stream)) if (event !== undefined) break;
        return 'read';
      };
      let left = 0;
      while (left <= CALLS_PER_CONNECTION && (await Promise.race([leaveEarly(), delay(QUIET_MS, 'hangs')])) === 'read')
        left += 1;
      assert.ok(left === CALLS_PER_CONNECTION - 1 || left === CALLS_PER_CONNECTION, `${left} reads went through`);
    },
  },
  {
    name: 'read: cancelled before it is left, a read gives its call back',
    async check(run) {
      const client = run.separateClient();
      const stream = run.newStream();
      await run.append('unary', stream, 'no_stream', newEvents(100));
      for (let left = 0; left <= CALLS_PER_CONNECTION; left += 1) {
        const events = client.readStream(stream);
        for await (const { event } of events) {
          assert.equal(event?.revision, 0n);
          await events.cancel();
          break;
        }
      }
    },
  },
  {
    name: 'subscription: a connection carries a hundred calls; the next hangs silently until one ends',
    async check(run) {
      const client = run.separateClient();
      const stream = run.newStream();
      await client.appendToStream(stream, [...newEvents(1)]); // opens the batch path's own call: the first of the hundred
      const subscribed = Array.from({ length: 99 }, () => client.subscribeToStream(stream, { fromRevision: END }));
      const followed = subscribed.map(follow);
      await Promise.all(subscribed.map((one) => once(one, 'confirmation')));
      const late = client.subscribeToStream(stream, { fromRevision: END });
      const lateFollowed = follow(late);
      const confirmed = once(late, 'confirmation').then(() => 'confirmed');
      assert.equal(await Promise.race([confirmed, delay(QUIET_MS, 'hangs')]), 'hangs');
      assert.deepEqual(lateFollowed.errors, []);
      await followed[0]?.unsubscribe();
      assert.equal(await confirmed, 'confirmed');
    },
  },
];
