import { describe, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import type { RecordedEvent } from '../../ports/index.ts';
import { encodedEvent } from '../../testing/encoded-events.ts';
import { RecentEvents } from './recent-events.ts';

/** Events at `first` to `last`. */
const events = (first: number, last: number, data = '{}'): readonly RecordedEvent[] =>
  Array.from({ length: last - first + 1 }, (_, index) => ({
    ...encodedEvent({ data }),
    stream: 's',
    revision: first + index,
    position: BigInt(first + index),
    loggedAtMs: 0,
  }));
const positions = (found: readonly RecordedEvent[] | undefined) => found?.map(({ position }) => Number(position));

test('an empty one knows nothing', () => {
  expect(new RecentEvents().after(0n, 10)).toBeUndefined();
});

test('what follows a position inside is given, at most as many as asked', () => {
  const recent = new RecentEvents();
  recent.add(events(5, 9));
  expect(positions(recent.after(4n, 10))).toEqual([5, 6, 7, 8, 9]);
  expect(positions(recent.after(6n, 2))).toEqual([7, 8]);
  expect(recent.after(9n, 10)).toEqual([]);
});

test('a position before or after what is here is not answered', () => {
  const recent = new RecentEvents();
  recent.add(events(5, 9));
  expect(recent.after(3n, 10)).toBeUndefined();
  expect(recent.after(10n, 10)).toBeUndefined();
});

test('events that are here already are passed over', () => {
  const recent = new RecentEvents();
  recent.add(events(5, 9));
  recent.add(events(7, 11));
  recent.add(events(1, 6));
  expect(positions(recent.after(4n, 10))).toEqual([5, 6, 7, 8, 9, 10, 11]);
});

test('after a gap only what follows it is here', () => {
  const recent = new RecentEvents();
  recent.add(events(1, 3));
  recent.add(events(7, 8));
  expect(recent.after(3n, 10)).toBeUndefined();
  expect(positions(recent.after(6n, 10))).toEqual([7, 8]);
});

test('the newest position is not the end when the log is known to reach further', () => {
  const recent = new RecentEvents();
  recent.add(events(1, 3));
  recent.noteHead(4n);
  expect(recent.after(3n, 10)).toBeUndefined();
});

test('changes are raised when the log is known to have grown, and only then', () => {
  const recent = new RecentEvents();
  recent.add(events(1, 3));
  recent.noteHead(3n);
  expect(recent.changes.version).toBe(1);
  recent.noteHead(4n);
  recent.add(events(4, 4));
  expect(recent.changes.version).toBe(2);
});

test('at most 2,048 events are held, the newest', () => {
  const recent = new RecentEvents();
  for (let first = 1; first < 10_000; first += 100) recent.add(events(first, first + 99));
  const oldest = 10_000 - limits.log.recentEvents;
  expect(recent.after(BigInt(oldest - 1), 1)).toBeUndefined();
  expect(positions(recent.after(BigInt(oldest), 1))).toEqual([oldest + 1]);
  expect(recent.after(BigInt(oldest), 5_000)).toHaveLength(limits.log.recentEvents);
});

test('at most 8 MiB are held', () => {
  const recent = new RecentEvents();
  recent.add(events(1, 40, 'x'.repeat(262_144)));
  expect(recent.after(24n, 1)).toBeUndefined();
  expect(recent.after(25n, 40)).toHaveLength(15); // 0.5 MiB each and a little for the envelope
});

describe('a rumour of the head', () => {
  test('is believed at once when nothing of our own is at the disk', () => {
    const recent = new RecentEvents();
    recent.add(events(1, 3));
    recent.noteRumour(4n);
    expect(recent.after(3n, 10)).toBeUndefined();
  });

  test('waits for our own group, whose events it may be about', async () => {
    const recent = new RecentEvents();
    recent.add(events(1, 3));
    let answer = (_result: { events: readonly RecordedEvent[] }) => {};
    const group = recent.own(
      new Promise<{ events: readonly RecordedEvent[] }>((resolve) => {
        answer = resolve;
      }),
    );
    recent.noteRumour(4n);
    expect(recent.after(3n, 10)).toEqual([]);
    answer({ events: events(4, 4) });
    await group;
    expect(positions(recent.after(3n, 10))).toEqual([4]);
  });

  test('is believed after our own group has failed', async () => {
    const recent = new RecentEvents();
    recent.add(events(1, 3));
    const group = recent.own(Promise.reject(new TypeError('cut')));
    recent.noteRumour(4n);
    await expect(group).rejects.toThrow('cut');
    expect(recent.after(3n, 10)).toBeUndefined();
  });
});
