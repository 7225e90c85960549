import { describe, expect, it } from '@jest/globals';
import { parityFaults, type TurnCounts } from './row-parity.ts';

const agreeing: TurnCounts = {
  twinCalls: 20,
  answered: 20,
  requested: 20,
  started: 20,
  listedCalls: 20,
  completed: 20,
  distinct: 20,
  viewRows: 20,
};

describe('parityFaults', () => {
  it('finds nothing when every place counts the same', () => {
    expect(parityFaults(agreeing)).toEqual([]);
  });

  it.each([
    ['a call without a record', { twinCalls: 21 }],
    ['a turn claimed twice', { started: 21, listedCalls: 21 }],
    ['an answer that is not in the log', { requested: 19, distinct: 19 }],
    ['an answer given twice under two names', { distinct: 19 }],
    ['a turn that did not complete', { completed: 19 }],
    ['a row that the view lost', { viewRows: 19 }],
  ] as const)('finds %s', (_what, difference) => {
    const faults = parityFaults({ ...agreeing, ...difference });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(Object.keys(difference));
  });

  it('says where and by how much', () => {
    expect(parityFaults({ ...agreeing, viewRows: 19 })).toEqual(['viewRows is 19, but 20 turns were answered']);
  });

  it('refuses a run in which nothing happened', () => {
    const nothing = Object.fromEntries(Object.keys(agreeing).map((place) => [place, 0])) as unknown as TurnCounts;
    expect(parityFaults(nothing)).toEqual(['no turn was answered']);
  });
});
