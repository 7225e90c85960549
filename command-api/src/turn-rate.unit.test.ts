import { describe, expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import { ManualClock } from '@turnledger/shared/testing';
import { TurnRate } from './turn-rate.ts';

const clock = new ManualClock();

describe('TurnRate', () => {
  test('lets a minute’s turns through at once, then one each time a place is filled again', async () => {
    const rate = new TurnRate(6, clock);
    expect(Array.from({ length: 6 }, () => rate.take('ana'))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(rate.take('ana')).toBe(10_000);
    await clock.advanceBy(4_000);
    expect(rate.take('ana')).toBe(6_000);
    await clock.advanceBy(6_000);
    expect(rate.take('ana')).toBe(0);
    expect(rate.take('ana')).toBe(10_000);
  });

  test('counts each player alone, and saves no more than a minute’s turns', async () => {
    const rate = new TurnRate(2, clock);
    expect([rate.take('ana'), rate.take('ana'), rate.take('bob')]).toEqual([0, 0, 0]);
    await clock.advanceBy(3_600_000);
    expect([rate.take('ana'), rate.take('ana')]).toEqual([0, 0]);
    expect(rate.take('ana')).toBeGreaterThan(0);
  });

  test('a turn given back can be taken again', () => {
    const rate = new TurnRate(1, clock);
    expect(rate.take('ana')).toBe(0);
    rate.giveBack('ana');
    expect(rate.take('ana')).toBe(0);
    expect(rate.take('ana')).toBeGreaterThan(0);
  });

  test('0 is no bound', () => {
    const rate = new TurnRate(0, clock);
    expect(Array.from({ length: 1_000 }, () => rate.take('ana')).every((waitMs) => waitMs === 0)).toBe(true);
  });

  test('forgets the player seen longest ago when there are too many', () => {
    const rate = new TurnRate(1, clock);
    rate.take('first');
    for (let index = 1; index < limits.admission.maxRatedPlayers; index += 1) rate.take(`player-${index}`);
    expect(rate.take('first')).toBeGreaterThan(0);
    rate.take('one more');
    expect(rate.take('first')).toBe(0);
  });
});
