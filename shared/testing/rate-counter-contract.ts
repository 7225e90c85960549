import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RateCounter } from '../ports/index.ts';

/** Counters of an adapter that know nothing yet. */
export interface RateCountersUnderTest {
  withBound(perMinute: number): RateCounter;
  /** Lets time pass on the clock that they count by. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** The rules of the RateCounter port, for every adapter. */
export function rateCounterContract(adapter: string, open: () => Promise<RateCountersUnderTest>): void {
  describe(`RateCounter: ${adapter}`, () => {
    let opened: RateCountersUnderTest;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const takeMany = async (counter: RateCounter, count: number, key = 'ana') => {
      const waitsMs: number[] = [];
      for (let taken = 0; taken < count; taken += 1) waitsMs.push(await counter.take(key));
      return waitsMs;
    };

    test('lets a minute’s worth through at once, then says how long until there is one more', async () => {
      const counter = opened.withBound(6);
      expect(await takeMany(counter, 6)).toEqual([0, 0, 0, 0, 0, 0]);
      const waitMs = await counter.take('ana');
      expect(waitMs).toBeGreaterThan(9_000);
      expect(waitMs).toBeLessThanOrEqual(10_000);
    });

    test('after the time that it named there is one, and no more', async () => {
      const counter = opened.withBound(120);
      await takeMany(counter, 120);
      const waitMs = await counter.take('ana');
      expect(waitMs).toBeGreaterThan(0);
      await opened.pass(waitMs + 5);
      expect(await counter.take('ana')).toBe(0);
      expect(await counter.take('ana')).toBeGreaterThan(0);
    });

    test('a refusal takes nothing', async () => {
      const counter = opened.withBound(60);
      await takeMany(counter, 60);
      const waitsMs = await takeMany(counter, 20);
      expect(Math.max(...waitsMs)).toBeLessThanOrEqual(1_000);
    });

    test('counts each key alone', async () => {
      const counter = opened.withBound(2);
      expect(await takeMany(counter, 2, 'ana')).toEqual([0, 0]);
      expect(await takeMany(counter, 2, 'bob')).toEqual([0, 0]);
      expect(await counter.take('ana')).toBeGreaterThan(0);
    });

    test('what is given back can be taken again, once', async () => {
      const counter = opened.withBound(1);
      await counter.take('ana');
      await counter.giveBack('ana');
      expect(await counter.take('ana')).toBe(0);
      expect(await counter.take('ana')).toBeGreaterThan(0);
    });

    test('saves no more than a minute’s worth', async () => {
      const counter = opened.withBound(2);
      await counter.giveBack('ana');
      await counter.giveBack('ana');
      expect(await takeMany(counter, 2)).toEqual([0, 0]);
      expect(await counter.take('ana')).toBeGreaterThan(0);
    });

    test('of those that ask at once as many are let through as there is room for', async () => {
      const counter = opened.withBound(10);
      const waitsMs = await Promise.all(Array.from({ length: 30 }, () => counter.take('ana')));
      expect(waitsMs.filter((waitMs) => waitMs === 0)).toHaveLength(10);
    });

    test('0 is no bound', async () => {
      const waitsMs = await takeMany(opened.withBound(0), 1_000);
      expect(waitsMs.every((waitMs) => waitMs === 0)).toBe(true);
    });
  });
}
