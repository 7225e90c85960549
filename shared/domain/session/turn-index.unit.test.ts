import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deepFreeze } from '../../testing/deep-freeze.ts';
import { emptyTurnIndex, findTurn, type TurnIndex, withTurn } from './turn-index.ts';

interface Entry {
  readonly turnId: string;
  readonly value: number;
}

const indexOf = (entries: readonly Entry[]): TurnIndex<Entry> =>
  entries.reduce<TurnIndex<Entry>>(
    (index, entry) => deepFreeze(withTurn(index, deepFreeze(entry))),
    deepFreeze(emptyTurnIndex),
  );

/** UUIDs as they come, and ids that no UUID is: the index must not lose those either. */
const turnIds = fc.oneof(fc.uuid(), fc.string(), fc.stringMatching(/^[a-z]{0,4}-[0-9a-f]{1,4}$/));
const entries = fc.array(fc.record({ turnId: turnIds, value: fc.integer() }), { maxLength: 200 });

describe('TurnIndex', () => {
  test('holds what a Map of the same entries holds, and never changes an older index', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const index = indexOf(list);
        const map = new Map(list.map((entry) => [entry.turnId, entry]));
        expect(index.size).toBe(map.size);
        for (const [turnId, entry] of map) expect(findTurn(index, turnId)).toEqual(entry);
      }),
    );
  });

  test('an id with a dash among its last four characters is found again', () => {
    const entry = { turnId: 'turn-100', value: 1 };
    expect(findTurn(indexOf([entry, { turnId: 'turn-101', value: 2 }]), 'turn-100')).toEqual(entry);
  });

  test('an unknown id is undefined', () => {
    expect(findTurn(indexOf([]), 'turn')).toBeUndefined();
    expect(findTurn(indexOf([{ turnId: 'aaaa', value: 1 }]), 'baaaa')).toBeUndefined();
  });

  test("an update leaves every other turn's entry the same object", () => {
    const before = indexOf(
      Array.from({ length: 100 }, (_, value) => ({ turnId: value.toString(16).padStart(4, '0'), value })),
    );
    const after = withTurn(before, { turnId: '0005', value: -1 });
    expect(findTurn(after, '0005')?.value).toBe(-1);
    expect(findTurn(before, '0005')?.value).toBe(5);
    expect(findTurn(after, '0006')).toBe(findTurn(before, '0006'));
    expect(after.size).toBe(100);
  });
});
