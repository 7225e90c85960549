import { describe, expect, it } from '@jest/globals';
import { type MemorySample, memoryGrowth } from './memory-growth.ts';

const TEN_MINUTES_MS = 600_000;
/** Every ten seconds of ten minutes. */
const samples = (mibAt: (minute: number) => number): readonly MemorySample[] =>
  Array.from({ length: 61 }, (_, index) => ({ atMs: index * 10_000, mib: mibAt(index / 6) }));

describe('memoryGrowth', () => {
  it('compares minutes three and four with the last two', () => {
    const { earlyMib, lateMib, growth, maxMib } = memoryGrowth(
      samples((minute) => 100 + minute),
      TEN_MINUTES_MS,
    );
    expect({ earlyMib, lateMib, maxMib }).toEqual({ earlyMib: 103, lateMib: 109, maxMib: 110 });
    expect(growth).toBeCloseTo(109 / 103);
  });

  it.each([
    ['steady', 'at the same size', () => 150],
    ['steady', 'that grew while it was warming up', (minute: number) => Math.min(150, 60 + 45 * minute)],
    ['steady', 'that shrank', (minute: number) => 200 - 10 * minute],
    ['steady', 'with one look in the middle of a collection', (minute: number) => (minute === 9 ? 400 : 150)],
    ['grows', 'with a leak of 1.3 KB a turn at 50 turns a second', (minute: number) => 150 + 3.9 * minute],
  ] as const)('calls a process %s %s', (verdict, _what, mibAt) => {
    expect(memoryGrowth(samples(mibAt), TEN_MINUTES_MS).verdict).toBe(verdict);
  });

  it('takes the least of a window, where a heap is between two collections', () => {
    const sawtooth = samples((minute) => 50 + 40 * (minute % 1));
    expect(memoryGrowth(sawtooth, TEN_MINUTES_MS, 'least')).toMatchObject({ earlyMib: 50, lateMib: 50, growth: 1 });
  });

  it('leaves out looks at which the process could not be seen', () => {
    const some = samples((minute) => (minute % 1 === 0 ? Number.NaN : 150));
    expect(memoryGrowth(some, TEN_MINUTES_MS)).toMatchObject({ growth: 1, maxMib: 150, verdict: 'steady' });
  });

  it('does not know of a process that was never seen in a window', () => {
    expect(memoryGrowth([{ atMs: 0, mib: 100 }], TEN_MINUTES_MS).verdict).toBe('not known');
  });
});
