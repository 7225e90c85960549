import { expect, test } from '@jest/globals';
import type { ExpectedRevision } from '../../ports/index.ts';
import { encodedEvent } from '../../testing/encoded-events.ts';
import { planGroup } from './plan-group.ts';

const [a, b, c] = [encodedEvent(), encodedEvent(), encodedEvent()];
const member = (expected: ExpectedRevision, ...events: (typeof a)[]) => ({ stream: 's', expected, events });
const facts = (head: number, ids: readonly (readonly [number, string])[] = []) =>
  new Map([['s', { head, ids: new Map(ids) }]]);

test('without facts a stream stands where its first member expects it, and that is left to be checked', () => {
  expect(planGroup([member(4, a)])).toEqual({
    outcomes: [{ outcome: 'ok', revision: 5 }],
    writes: [{ stream: 's', revision: 5, event: a }],
    bases: new Map([['s', 4]]),
  });
});

test('a member sees the writes of those before it', () => {
  const plan = planGroup([member('no_stream', a, b), member(1, c), member(1, a)]);
  expect(plan?.outcomes).toEqual([
    { outcome: 'ok', revision: 1 },
    { outcome: 'ok', revision: 2 },
    { outcome: 'conflict', actualRevision: 2 },
  ]);
  expect(plan?.writes.map(({ revision }) => revision)).toEqual([0, 1, 2]);
});

test('a repetition within the group is written once', () => {
  const plan = planGroup([member(0, a), member(0, a)]);
  expect(plan?.outcomes).toEqual([
    { outcome: 'ok', revision: 1 },
    { outcome: 'ok', revision: 1 },
  ]);
  expect(plan?.writes).toHaveLength(1);
});

test('without facts a member that asks for what was before the group cannot be judged', () => {
  expect(planGroup([member(5, a), member(3, b)])).toBeUndefined();
});

test('with facts a repetition needs no write', () => {
  const plan = planGroup([member(3, a)], facts(7, [[4, a.eventId]]));
  expect(plan).toEqual({ outcomes: [{ outcome: 'ok', revision: 4 }], writes: [], bases: new Map() });
});

test('a repetition that began before the group and ends in it is known', () => {
  const plan = planGroup([member(4, b), member(3, a, b)], facts(4, [[4, a.eventId]]));
  expect(plan?.outcomes[1]).toEqual({ outcome: 'ok', revision: 5 });
});

test('with facts a stream that nothing is known of does not exist', () => {
  expect(planGroup([member(0, a)], new Map())?.outcomes).toEqual([
    { outcome: 'conflict', actualRevision: 'no_stream' },
  ]);
});
