import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { costMicroUsdOf, priceTable } from './price-table.ts';

const price = { inputPerMillionUsd: 0.15, cachedInputPerMillionUsd: 0.075, outputPerMillionUsd: 0.6 };
const tokens = { input: 1_000, cached: 0, output: 0 };

describe('costMicroUsdOf', () => {
  test('a million tokens cost what the table says, in micro-dollars', () => {
    expect(costMicroUsdOf(price, { input: 1_000_000, cached: 0, output: 0 })).toBe(150_000);
    expect(costMicroUsdOf(price, { input: 0, cached: 0, output: 1_000_000 })).toBe(600_000);
  });

  test('input from the cache has a price of its own, and is not paid twice', () => {
    expect(costMicroUsdOf(price, { ...tokens, cached: 400 })).toBe(600 * 0.15 + 400 * 0.075);
  });

  test('is rounded once: three parts of half a micro-dollar are two, not three', () => {
    const half = { inputPerMillionUsd: 0.5, cachedInputPerMillionUsd: 0.5, outputPerMillionUsd: 0.5 };
    expect(costMicroUsdOf(half, { input: 2, cached: 1, output: 1 })).toBe(2);
  });

  test('more from the cache than there was is charged as all of it', () => {
    expect(costMicroUsdOf(price, { ...tokens, cached: 9_999 })).toBe(75);
  });

  test('is a whole number, never below nothing', () => {
    const count = fc.nat({ max: 2_000_000 });
    const usd = fc.double({ min: 0, max: 1_000, noNaN: true });
    fc.assert(
      fc.property(count, count, count, usd, usd, usd, (input, cached, output, one, two, three) => {
        const given = { inputPerMillionUsd: one, cachedInputPerMillionUsd: two, outputPerMillionUsd: three };
        const cost = costMicroUsdOf(given, { input, cached, output });
        return Number.isSafeInteger(cost) && cost >= 0;
      }),
    );
  });
});

describe('priceTable', () => {
  test('is named for its content, in whatever order it stands', () => {
    const { name } = priceTable({ one: price, two: { ...price, outputPerMillionUsd: 1 } });
    expect(name).toMatch(/^operator_[0-9a-f]{8}$/);
    expect(priceTable({ two: { ...price, outputPerMillionUsd: 1 }, one: price }).name).toBe(name);
    expect(priceTable({ one: price, two: price }).name).not.toBe(name);
  });
});
