import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../../contracts/index.ts';
import { OwnHead } from './own-head.ts';
import type { LogPlace, ReadBackwards } from './read-events.ts';

/** A log of ours and others' events with gaps between their positions; counts what is read of it. */
class SharedLog {
  readonly places: LogPlace[] = [];
  nowMs = 0;
  msPerEvent = 0;
  eventsRead = 0;
  pagesRead = 0;

  write(isOwn: boolean, count = 1): bigint {
    for (let written = 0; written < count; written += 1) {
      this.places.push({ position: BigInt(this.places.length + 1) * 7n, isOwn });
    }
    return this.places.at(-1)?.position ?? 0n;
  }

  get head(): bigint {
    return this.places.findLast(({ isOwn }) => isOwn)?.position ?? 0n;
  }

  readBackwards: ReadBackwards = async ({ before, maxCount }) => {
    const end = before === undefined ? this.places.length : this.places.findIndex(({ position }) => position >= before);
    const page = this.places.slice(Math.max(0, end - maxCount), end).reverse();
    this.eventsRead += page.length;
    this.pagesRead += 1;
    this.nowMs += page.length * this.msPerEvent;
    return page;
  };
}

const headOf = (log: SharedLog) => new OwnHead(log.readBackwards, () => log.nowMs);
const unavailable = { code: 'store_unavailable' };

describe('OwnHead', () => {
  test('of an empty log, and of one that others alone write to, is 0', async () => {
    const log = new SharedLog();
    const head = headOf(log);
    expect(await head.look()).toBe(0n);
    log.write(false, 1_000);
    expect(await head.look()).toBe(0n);
  });

  test('reads one event where ours is the newest', async () => {
    const log = new SharedLog();
    log.write(true, 500);
    expect(await headOf(log).look()).toBe(log.head);
    expect(log.eventsRead).toBe(1);
  });

  test('reads what is new since the last look, and no more than a page beyond', async () => {
    const log = new SharedLog();
    log.write(true);
    log.write(false, 20_000);
    const head = headOf(log);
    expect(await head.look()).toBe(7n);
    log.eventsRead = 0;
    log.write(false, 10);
    expect(await head.look()).toBe(7n);
    expect(log.eventsRead).toBe(33);
  });

  test('stops at an event that was shown to us', async () => {
    const log = new SharedLog();
    const shown = log.write(true, 20_000);
    log.write(false, 40);
    const head = headOf(log);
    head.note(shown);
    expect(await head.look()).toBe(shown);
    expect(log.eventsRead).toBeLessThan(600);
  });

  test('goes on where it stopped when a mass of others takes longer than a look may', async () => {
    const log = new SharedLog();
    log.write(true);
    log.write(false, 20_000);
    log.msPerEvent = limits.log.readTimeoutMs / 8_000;
    const head = headOf(log);
    for (let looks = 1; looks <= 2; looks += 1) {
      await expect(head.look()).rejects.toMatchObject(unavailable);
      log.write(false, 100);
    }
    expect(await head.look()).toBe(7n);
    expect(log.eventsRead).toBeLessThan(23_000);
  });

  test('says when the log ends before an event of ours, or does not reach back to it', async () => {
    const log = new SharedLog();
    const head = headOf(log);
    head.note(log.write(true, 10));
    log.places.length = 5;
    await expect(head.look()).rejects.toMatchObject(unavailable);
    log.places.length = 0;
    await expect(head.look()).rejects.toMatchObject(unavailable);
  });

  test('gives one answer to all who ask while a look is under way, from a look that began after them', async () => {
    const log = new SharedLog();
    log.write(true);
    const head = headOf(log);
    const first = head.look();
    const newest = log.write(true);
    expect(await Promise.all([head.look(), head.look(), head.look()])).toEqual([newest, newest, newest]);
    await first;
    expect(log.pagesRead).toBe(2);
  });

  test('is the newest of ours, however writes, sightings and looks that run out of time mix', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), isOwn: fc.boolean(), count: fc.integer({ min: 1, max: 700 }) }),
      fc.record({ kind: fc.constant('note' as const), back: fc.nat(20) }),
      fc.record({ kind: fc.constant('look' as const), msPerEvent: fc.constantFrom(0, 0, 4, 50, 6_000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const log = new SharedLog();
        const head = headOf(log);
        for (const one of steps) {
          if (one.kind === 'write') log.write(one.isOwn, one.count);
          if (one.kind === 'note') {
            const place = log.places.filter(({ isOwn }) => isOwn).at(-1 - one.back);
            if (place !== undefined) head.note(place.position);
          }
          if (one.kind === 'look') {
            log.msPerEvent = one.msPerEvent;
            const answer = await head.look().catch((error: unknown) => error);
            if (typeof answer === 'bigint') expect(answer).toBe(log.head);
            else expect(answer).toMatchObject(unavailable);
          }
        }
        log.msPerEvent = 0;
        expect(await head.look()).toBe(log.head);
      }),
    );
  });
});
