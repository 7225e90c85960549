import { describe, expect, test } from '@jest/globals';
import { version } from 'uuid';
import { systemIds } from './system-ids.ts';

describe('systemIds', () => {
  test('makes UUIDs of version 7', () => {
    expect(version(systemIds.uuid())).toBe(7);
  });

  test('makes ids that rise, also within a millisecond', () => {
    const ids = Array.from({ length: 1_000 }, () => systemIds.uuid());
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(1_000);
  });

  test('gives as many random bytes as asked for, never the same twice', () => {
    const bytes = systemIds.randomBytes(32);
    expect(bytes).toHaveLength(32);
    expect(systemIds.randomBytes(32).equals(bytes)).toBe(false);
  });
});
