import { expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { rateCounterContract } from '../../testing/rate-counter-contract.ts';
import { MemoryRateCounter } from './memory-rate-counter.ts';

rateCounterContract('memory', async () => {
  const clock = new ManualClock();
  return {
    withBound: (perMinute) => new MemoryRateCounter({ perMinute, clock }),
    pass: (ms) => clock.advanceBy(ms),
    close: async () => {},
  };
});

test('lets one through each time a place is filled again', async () => {
  const clock = new ManualClock();
  const counter = new MemoryRateCounter({ perMinute: 6, clock });
  for (let count = 0; count < 6; count += 1) expect(await counter.take('ana')).toBe(0);
  expect(await counter.take('ana')).toBe(10_000);
  await clock.advanceBy(4_000);
  expect(await counter.take('ana')).toBe(6_000);
  await clock.advanceBy(6_000);
  expect(await counter.take('ana')).toBe(0);
  expect(await counter.take('ana')).toBe(10_000);
});

test('an hour of silence saves no more than a minute’s worth', async () => {
  const clock = new ManualClock();
  const counter = new MemoryRateCounter({ perMinute: 2, clock });
  await counter.take('ana');
  await clock.advanceBy(3_600_000);
  expect([await counter.take('ana'), await counter.take('ana')]).toEqual([0, 0]);
  expect(await counter.take('ana')).toBeGreaterThan(0);
});

test('forgets the key seen longest ago when there are too many', async () => {
  const counter = new MemoryRateCounter({ perMinute: 1, clock: new ManualClock() });
  await counter.take('first');
  for (let index = 1; index < limits.admission.maxRatedPlayers; index += 1) await counter.take(`player-${index}`);
  expect(await counter.take('first')).toBeGreaterThan(0);
  await counter.take('one more');
  expect(await counter.take('first')).toBe(0);
});
