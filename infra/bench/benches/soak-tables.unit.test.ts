import { describe, expect, it } from '@jest/globals';
import { memoryGrowth } from '../figures/memory-growth.ts';
import type { Member } from '../processes/distributed-stage.ts';
import { type SoakedMember, soakTables, verdictNote } from './soak-tables.ts';

const soaked = (name: string, kind: Member['kind'], earlyMib: number, lateMib: number): SoakedMember => {
  const samples = [
    { atMs: 300, mib: earlyMib },
    { atMs: 900, mib: lateMib },
  ];
  return { member: { name, kind, pid: 1 }, resident: memoryGrowth(samples, 1_000), heap: undefined };
};

describe('verdictNote', () => {
  it('is about our processes, not about what engines keep', () => {
    expect(verdictNote([soaked('edge', 'service', 80, 82), soaked('Kafka', 'engine', 100, 300)])).toBe(
      'verdict: steady, no process of ours grew by more than 10.0 %',
    );
  });

  it('names who grows, and by how much, with the heap that may tell why', () => {
    const growing = soaked('projectors', 'service', 100, 125);
    expect(verdictNote([soaked('edge', 'service', 80, 82), { ...growing, heap: growing.resident }])).toBe(
      'verdict: **grows** by more than 10.0 %: projectors (1.25, heap 1.25)',
    );
  });

  it('does not call a process steady that it could not see', () => {
    expect(verdictNote([soaked('edge', 'service', Number.NaN, 82)])).toBe('verdict: not known of edge (–)');
  });
});

describe('soakTables', () => {
  it('has every process with its verdict, an engine without', () => {
    const percentiles = { p50: 1, p95: 2, p99: 3, max: 4 };
    const load = {
      turns: 1,
      distinctTurns: 1,
      turnsPerSecond: 40,
      totalMs: percentiles,
      firstDeltaMs: percentiles,
      failures: 0,
      failureTexts: [],
      generatorLoad: 0.1,
    };
    const parity = { answered: 1, requested: 1, distinct: 1, started: 1, listedCalls: 1, completed: 1, viewRows: 1 };
    const members = [soaked('edge', 'service', 80, 100), soaked('Kafka', 'engine', 100, 300)];
    const [resident] = soakTables(members, load, { twinCalls: 1, ...parity });
    expect(resident?.rows).toEqual([
      ['edge', '80.0', '100', '1.25', '100', 'grows'],
      ['Kafka', '100', '300', '3.00', '300', '– (engine)'],
    ]);
  });
});
