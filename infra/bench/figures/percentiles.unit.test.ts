import { describe, expect, it } from '@jest/globals';
import { pairRatios, percentile, percentilesOf, spreadOf } from './percentiles.ts';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('percentile', () => {
  it('is the value of the nearest rank, whatever the order', () => {
    expect(percentilesOf(hundred)).toEqual({ p50: 50, p95: 95, p99: 99, max: 100 });
  });

  it('is the one value of one', () => {
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('sorts as numbers', () => {
    expect(percentile([9, 10, 100], 0.5)).toBe(10);
  });

  it('of nothing is no number', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('leaves the values as they were', () => {
    const values = [3, 1, 2];
    percentile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('spreadOf', () => {
  it('takes the middle of an odd count', () => {
    expect(spreadOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 });
  });

  it('takes the mean of the middle two of an even count', () => {
    expect(spreadOf([1, 2, 4, 8])).toEqual({ median: 3, min: 1, max: 8 });
  });
});

describe('pairRatios', () => {
  it('divides neighbours in time, not medians', () => {
    // The machine was ten times slower in the second round, for both. The ratio of the two medians would be 3.
    expect(pairRatios([200, 20, 180], [100, 10, 60])).toEqual({ median: 2, min: 2, max: 3 });
  });

  it('leaves a round without a partner out', () => {
    expect(pairRatios([4, 6, 100], [2, 2])).toEqual({ median: 2.5, min: 2, max: 3 });
  });
});
