import { expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import type { AppendOutcome } from '../../ports/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { encodedEvent } from '../../testing/encoded-events.ts';
import { GroupCommit } from './group-commit.ts';
import type { GroupMember } from './plan-group.ts';

const member = (stream: string, data = '{}'): GroupMember => ({
  stream,
  expected: 'no_stream',
  events: [encodedEvent({ data })],
});

/** A disk that answers when the test says so. */
function heldDisk() {
  const groups = new Arrivals<{ readonly streams: readonly string[]; readonly finish: () => void }>();
  const queue = new GroupCommit(
    (members) =>
      new Promise((resolve) => {
        const outcomes: readonly AppendOutcome[] = members.map((_, revision) => ({ outcome: 'ok', revision }));
        groups.add({ streams: members.map(({ stream }) => stream), finish: () => resolve(outcomes) });
      }),
  );
  const finish = async (group: number) => (await groups.until(group))[group - 1]?.finish();
  return { queue, groups, finish };
}

test('appends of one tick are one group, in their order, each with its own outcome', async () => {
  const { queue, groups, finish } = heldDisk();
  const outcomes = Promise.all(['a', 'b', 'c'].map((stream) => queue.append(member(stream))));
  await finish(1);
  expect(await outcomes).toEqual([0, 1, 2].map((revision) => ({ outcome: 'ok', revision })));
  expect(groups.all.map(({ streams }) => streams)).toEqual([['a', 'b', 'c']]);
});

test('what comes while a group is at the disk is the next group', async () => {
  const { queue, groups, finish } = heldDisk();
  const first = queue.append(member('a'));
  await groups.until(1);
  const next = [queue.append(member('b')), queue.append(member('c'))];
  expect(groups.all).toHaveLength(1);
  await finish(1);
  await first;
  await finish(2);
  await Promise.all(next);
  expect(groups.all.map(({ streams }) => streams)).toEqual([['a'], ['b', 'c']]);
});

test('a group holds at most 256 appends', async () => {
  const { queue, groups, finish } = heldDisk();
  const all = Promise.all(Array.from({ length: 300 }, (_, index) => queue.append(member(`${index}`))));
  await finish(1);
  await finish(2);
  await all;
  expect(groups.all.map(({ streams }) => streams.length)).toEqual([limits.log.maxAppendsPerGroup, 44]);
});

test('a group ends with the append that brings it to 4 MiB', async () => {
  const { queue, groups, finish } = heldDisk();
  const all = Promise.all(
    Array.from({ length: 5 }, (_, index) => queue.append(member(`${index}`, 'x'.repeat(1_048_576)))),
  );
  await finish(1);
  await finish(2);
  await all;
  expect(groups.all.map(({ streams }) => streams.length)).toEqual([4, 1]);
});

test('past 10,000 waiting appends one more is unknown at once, and says that it was not sent', async () => {
  const { queue, finish } = heldDisk();
  const all = Promise.all(
    Array.from({ length: limits.log.maxQueuedAppends }, (_, index) => queue.append(member(`${index}`))),
  );
  expect(await queue.append(member('more'))).toEqual({
    outcome: 'unknown',
    cause: 'not sent: too many appends wait already',
  });
  for (let group = 1; group <= 40; group += 1) await finish(group);
  expect(await all).toHaveLength(10_000);
});

test('past 64 MiB of waiting data too', async () => {
  const { queue, finish } = heldDisk();
  const mebibyte = 'x'.repeat(1_048_576);
  const all = Promise.all(Array.from({ length: 64 }, (_, index) => queue.append(member(`${index}`, mebibyte))));
  expect(await queue.append(member('more'))).toMatchObject({ outcome: 'unknown' });
  for (let group = 1; group <= 16; group += 1) await finish(group);
  expect(await all).toHaveLength(64);
});

test('close waits for the group at the disk and turns the others away', async () => {
  const { queue, groups, finish } = heldDisk();
  const first = queue.append(member('a'));
  await groups.until(1);
  const waiting = queue.append(member('b'));
  const closed = queue.close();
  expect(await waiting).toEqual({ outcome: 'unknown', cause: 'not sent: the log is closed' });
  await finish(1);
  await closed;
  expect(await first).toEqual({ outcome: 'ok', revision: 0 });
  expect(await queue.append(member('c'))).toMatchObject({ outcome: 'unknown' });
});
