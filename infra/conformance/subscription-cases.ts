import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { END, START, streamNameFilter } from '@eventstore/db-client';
import type { ConformanceCase } from './conformance-case.ts';
import { idsOf, newEvents } from './conformance-run.ts';
import { follow } from './followed.ts';
import { positionAfter } from './written-stream.ts';

/** How long nothing must happen before we believe that it will not. */
const QUIET_MS = 500;

const filtered = (prefix: string) => streamNameFilter({ prefixes: [prefix] });

export const subscriptionCases: readonly ConformanceCase[] = [
  {
    name: 'subscription: with a prefix filter $all shows these streams alone, old events and then new ones, in order',
    async check(run) {
      const [wanted, foreign] = [run.newStream('wanted'), run.newStream('foreign')];
      const fromPosition = await positionAfter(run, foreign);
      const events = newEvents(6);
      await run.append('unary', wanted, 'no_stream', events.slice(0, 3));
      const followed = follow(run.client.subscribeToAll({ fromPosition, filter: filtered(wanted) }));
      await followed.received(3);
      await run.append('unary', foreign, 'any', newEvents(2));
      await run.append('unary', wanted, 2n, events.slice(3));
      await followed.received(6);
      await followed.unsubscribe();
      assert.deepEqual(
        idsOf(followed.events),
        events.map(({ id }) => id),
      );
    },
  },
  {
    name: 'subscription: the position it begins from is not shown again',
    async check(run) {
      const stream = run.newStream();
      const [first, second] = newEvents(2);
      assert.ok(first && second);
      const { position } = await run.append('unary', stream, 'no_stream', [first]);
      assert.ok(position);
      await run.append('unary', stream, 0n, [second]);
      const followed = follow(run.client.subscribeToAll({ fromPosition: position, filter: filtered(stream) }));
      await followed.received(1);
      await followed.unsubscribe();
      assert.deepEqual(idsOf(followed.events), [second.id]);
    },
  },
  {
    name: 'subscription: events of $all carry the position by which to come back',
    async check(run) {
      const stream = run.newStream();
      const before = await positionAfter(run, run.newStream());
      const appended = await run.append('unary', stream, 'no_stream', newEvents(1));
      const followed = follow(run.client.subscribeToAll({ fromPosition: before, filter: filtered(stream) }));
      await followed.received(1);
      await followed.unsubscribe();
      assert.deepEqual(followed.events[0]?.event?.position, appended.position);
    },
  },
  {
    name: 'subscription: a position that is not an event’s is an error',
    async check(run) {
      const position = await positionAfter(run, run.newStream());
      const between = { commit: position.commit + 1n, prepare: position.prepare + 1n };
      await positionAfter(run, run.newStream());
      const subscription = run.client.subscribeToAll({ fromPosition: between, filter: filtered(run.newStream()) });
      const [error] = await Promise.race([
        new Promise<[unknown]>((resolve) => subscription.once('error', (reason) => resolve([reason]))),
        delay(5 * QUIET_MS, []),
      ]);
      assert.ok(error !== undefined, 'no error came');
    },
  },
  {
    name: 'subscription: a position beyond the end silently means live',
    async check(run) {
      const { commit } = await positionAfter(run, run.newStream());
      const beyond = { commit: commit + 1_000_000_000n, prepare: commit + 1_000_000_000n };
      const subscription = run.client.subscribeToAll({ fromPosition: beyond, filter: filtered(run.newStream()) });
      const followed = follow(subscription);
      await once(subscription, 'confirmation');
      await delay(QUIET_MS);
      assert.deepEqual([followed.errors, followed.hasEnded], [[], false]);
      await followed.unsubscribe();
    },
  },
  {
    name: 'subscription: it says when it has caught up',
    async check(run) {
      const stream = run.newStream();
      await run.append('unary', stream, 'no_stream', newEvents(3));
      const subscription = run.client.subscribeToAll({ fromPosition: END, filter: filtered(stream) });
      const followed = follow(subscription);
      await once(subscription, 'caughtUp');
      await followed.unsubscribe();
    },
  },
  {
    name: 'subscription: of a stream, behind a revision, then live',
    async check(run) {
      const stream = run.newStream();
      const events = newEvents(4);
      await run.append('unary', stream, 'no_stream', events.slice(0, 3));
      const followed = follow(run.client.subscribeToStream(stream, { fromRevision: 0n }));
      await followed.received(2);
      await run.append('unary', stream, 2n, events.slice(3));
      await followed.received(3);
      await followed.unsubscribe();
      assert.deepEqual(
        idsOf(followed.events),
        events.slice(1).map(({ id }) => id),
      );
    },
  },
  {
    name: 'subscription: of a stream that is not there yet waits for it',
    async check(run) {
      const stream = run.newStream();
      const subscription = run.client.subscribeToStream(stream, { fromRevision: START });
      const followed = follow(subscription);
      await once(subscription, 'confirmation');
      await run.append('unary', stream, 'no_stream', newEvents(1));
      await followed.received(1);
      await followed.unsubscribe();
    },
  },
];
