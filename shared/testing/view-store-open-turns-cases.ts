import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ViewStore } from '../ports/index.ts';
import { parsed, sessionsView, turnRow, turnsView } from './view-store-rows.ts';

/** What is asked of open turns. */
export function viewStoreOpenTurnsCases(store: () => ViewStore): void {
  describe('open turns', () => {
    const openKeys = async (
      options: { readonly limit?: number; readonly dueBeforeMs?: number; readonly afterKey?: string } = {},
    ) => (await store().openTurns({ limit: 10, ...options })).map(({ key }) => key);

    beforeEach(async () => {
      const rows = [
        turnRow('d', 1, { status: 'started', deadlineAtMs: 1_000 }),
        turnRow('a', 1, { status: 'requested', deadlineAtMs: 3_000 }),
        turnRow('B', 1, { status: 'requested', deadlineAtMs: 2_000 }),
        turnRow('c', 1, { status: 'completed', deadlineAtMs: 500 }),
      ];
      await store().commit([{ view: turnsView, rows }], { from: 0n, to: 1n });
    });

    test('are those requested or started, in the order of their keys', async () => {
      expect(await openKeys()).toEqual(['B', 'a', 'd']);
    });

    test('come with their whole rows', async () => {
      const [row] = await store().openTurns({ limit: 1 });
      expect(parsed(row ? [row] : [])).toEqual(parsed(await store().rows(turnsView, ['B'])));
    });

    test('can be asked for by their deadline, which is not yet due at that very moment', async () => {
      expect(await openKeys({ dueBeforeMs: 2_000 })).toEqual(['d']);
      expect(await openKeys({ dueBeforeMs: 2_000.5 })).toEqual(['B', 'd']);
    });

    test('come in pages', async () => {
      expect(await openKeys({ limit: 2 })).toEqual(['B', 'a']);
      expect(await openKeys({ limit: 2, afterKey: 'a' })).toEqual(['d']);
    });

    test('are no longer open once they ended', async () => {
      await store().commit([{ view: turnsView, rows: [turnRow('a', 2, { status: 'timed_out' })] }], {
        from: 1n,
        to: 2n,
      });
      expect(await openKeys()).toEqual(['B', 'd']);
    });

    test('of another view there are none', async () => {
      await store().commit([{ view: sessionsView, rows: [turnRow('s', 1, { status: 'started' })] }], {
        from: 0n,
        to: 2n,
      });
      expect(await openKeys()).toEqual(['B', 'a', 'd']);
    });
  });
}
