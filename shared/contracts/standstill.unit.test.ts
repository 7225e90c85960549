import { describe, expect, test } from '@jest/globals';
import { Standstill, type StandstillView } from './standstill.ts';

const behind: StandstillView = { nowMs: 0, isBehind: true, place: 7 };

/** What it says at the last of some looks. */
const lastOf = (...views: readonly Partial<StandstillView>[]): number | undefined => {
  const standstill = new Standstill(10_000);
  return views.map((view) => standstill.look({ ...behind, ...view })).at(-1);
};

describe('Standstill', () => {
  test('counts from the first look that found it there', () => {
    expect(lastOf({ nowMs: 4_000 })).toBe(0);
    expect(lastOf({ nowMs: 4_000 }, { nowMs: 9_000 }, { nowMs: 12_000 })).toBe(8_000);
  });

  test('begins anew where it has moved', () => {
    expect(lastOf({}, { nowMs: 5_000 }, { nowMs: 10_000, place: 8 })).toBe(0);
    expect(lastOf({}, { nowMs: 5_000 }, { nowMs: 10_000, place: 8 }, { nowMs: 11_000, place: 8 })).toBe(1_000);
  });

  test('begins anew where nothing was left, or nobody could say', () => {
    expect(lastOf({}, { nowMs: 5_000 }, { nowMs: 10_000, isBehind: false }, { nowMs: 15_000 })).toBe(0);
  });

  test('takes places as they are given, whatever their size', () => {
    const far = 2n ** 62n;
    expect(lastOf({ place: far }, { nowMs: 5_000, place: far })).toBe(5_000);
    expect(lastOf({ place: far }, { nowMs: 5_000, place: far + 1n })).toBe(0);
  });

  test('does not count a pause of whoever looks', () => {
    expect(lastOf({}, { nowMs: 5_000 }, { nowMs: 3_600_000 })).toBe(15_000);
  });
});
