import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ViewDefinition, ViewStore } from '../ports/index.ts';
import { viewStoreOpenTurnsCases } from './view-store-open-turns-cases.ts';
import { viewStoreRivalCases } from './view-store-rival-cases.ts';
import { parsed, scenarioVersionsView, sessionsView, turnRow, turnsView } from './view-store-rows.ts';

/** A store to test; each `open` gives one over the same empty place, as a second process would have it. */
export interface ViewStoreHarness {
  open(): Promise<ViewStore>;
  close(): Promise<void>;
}

/** What every ViewStore holds. */
export function describeViewStore(name: string, makeHarness: () => Promise<ViewStoreHarness>): void {
  describe(`${name} as ViewStore`, () => {
    let harness: ViewStoreHarness;
    let store: ViewStore;

    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
      await store.prepare([turnsView, sessionsView, scenarioVersionsView]);
    });

    afterEach(() => harness.close());

    test('a new view stands at 0', async () => {
      expect(await store.checkpoint(turnsView)).toBe(0n);
    });

    test('a view that nobody prepared stands at 0', async () => {
      expect(await store.checkpoint({ ...turnsView, version: 99 })).toBe(0n);
    });

    test('a commit writes rows and moves the checkpoint', async () => {
      const rows = [turnRow('a', 1), turnRow('b', 2)];
      expect(await store.commit([{ view: turnsView, rows }], { from: 0n, to: 5n })).toBe('ok');
      expect(await store.checkpoint(turnsView)).toBe(5n);
      expect(parsed(await store.rows(turnsView, ['a', 'b']))).toEqual(parsed(rows));
    });

    test('positions beyond 53 bits stay exact', async () => {
      const to = 9_007_199_254_740_993n;
      await store.commit([{ view: turnsView, rows: [] }], { from: 0n, to });
      expect(await store.checkpoint(turnsView)).toBe(to);
    });

    test('a commit without rows moves the checkpoint all the same', async () => {
      expect(await store.commit([{ view: turnsView, rows: [] }], { from: 0n, to: 3n })).toBe('ok');
      expect(await store.checkpoint(turnsView)).toBe(3n);
    });

    test('unknown keys are absent from the rows', async () => {
      await store.commit([{ view: turnsView, rows: [turnRow('a', 1)] }], { from: 0n, to: 1n });
      expect((await store.rows(turnsView, ['a', 'nobody'])).map(({ key }) => key)).toEqual(['a']);
      expect(await store.rows(turnsView, [])).toEqual([]);
    });

    test('a key asked for twice is answered once', async () => {
      await store.commit([{ view: turnsView, rows: [turnRow('a', 1)] }], { from: 0n, to: 1n });
      expect(await store.rows(turnsView, ['a', 'a'])).toHaveLength(1);
    });

    test('a row is replaced by one of a higher revision', async () => {
      await store.commit([{ view: turnsView, rows: [turnRow('a', 1)] }], { from: 0n, to: 1n });
      await store.commit([{ view: turnsView, rows: [turnRow('a', 4, { status: 'completed' })] }], { from: 1n, to: 2n });
      expect(parsed(await store.rows(turnsView, ['a']))).toEqual(parsed([turnRow('a', 4, { status: 'completed' })]));
    });

    test('a row never goes back to an older revision', async () => {
      await store.commit([{ view: turnsView, rows: [turnRow('a', 4)] }], { from: 0n, to: 1n });
      expect(await store.commit([{ view: turnsView, rows: [turnRow('a', 2)] }], { from: 1n, to: 2n })).toBe('ok');
      expect((await store.rows(turnsView, ['a']))[0]?.revision).toBe(4);
    });

    test('the same revision again replaces the row, so that a repaired fold can heal a view', async () => {
      await store.commit([{ view: turnsView, rows: [turnRow('a', 4, { status: 'wrong' })] }], { from: 0n, to: 1n });
      await store.commit([{ view: turnsView, rows: [turnRow('a', 4, { status: 'right' })] }], { from: 1n, to: 2n });
      expect(parsed(await store.rows(turnsView, ['a']))[0]?.record.status).toBe('right');
    });

    test('of several rows of one key in a batch the highest revision stays, of equals the last', async () => {
      const rows = [
        turnRow('a', 3, { n: 1 }),
        turnRow('a', 5, { n: 2 }),
        turnRow('a', 5, { n: 3 }),
        turnRow('a', 4, { n: 4 }),
      ];
      await store.commit([{ view: turnsView, rows }], { from: 0n, to: 1n });
      expect(parsed(await store.rows(turnsView, ['a']))).toEqual(parsed([turnRow('a', 5, { n: 3 })]));
    });

    viewStoreRivalCases(
      () => store,
      () => harness.open(),
    );

    test('preparing again, and by several at once, keeps rows and checkpoint', async () => {
      await store.commit([{ view: turnsView, rows: [turnRow('a', 1)] }], { from: 0n, to: 5n });
      const others = await Promise.all([harness.open(), harness.open(), harness.open()]);
      await Promise.all(others.map((other) => other.prepare([turnsView, sessionsView])));
      expect(await store.checkpoint(turnsView)).toBe(5n);
      expect(await store.rows(turnsView, ['a'])).toHaveLength(1);
    });

    test('a new version of a view is empty and leaves the old one alone', async () => {
      const second: ViewDefinition = { ...turnsView, version: turnsView.version + 1 };
      await store.commit([{ view: turnsView, rows: [turnRow('a', 1)] }], { from: 0n, to: 5n });
      await store.prepare([second]);
      expect(await store.checkpoint(second)).toBe(0n);
      expect(await store.rows(second, ['a'])).toEqual([]);
      await store.commit([{ view: second, rows: [turnRow('b', 1)] }], { from: 0n, to: 1n });
      expect(await store.rows(turnsView, ['b'])).toEqual([]);
      expect(await store.checkpoint(turnsView)).toBe(5n);
    });

    test('any text survives, and what a store cannot hold does not stop the view', async () => {
      const note = 'quotes " \' \\ $1 {a,b} \u00e9 \u{1F409} line\nbreak \t \u0001';
      const rows = [
        turnRow('plain', 1, { note }),
        turnRow('hostile', 1, { note: 'nul \u0000 half \ud800' }),
        turnRow('k"{,}', 1),
      ];
      expect(await store.commit([{ view: turnsView, rows }], { from: 0n, to: 1n })).toBe('ok');
      expect(parsed(await store.rows(turnsView, ['plain']))[0]?.record.note).toBe(note);
      expect(await store.rows(turnsView, ['hostile', 'k"{,}'])).toHaveLength(2);
    });

    viewStoreOpenTurnsCases(() => store);

    test('a batch of 500 rows is one commit', async () => {
      const rows = Array.from({ length: 500 }, (_, n) => turnRow(`turn-${n}`, n));
      expect(await store.commit([{ view: turnsView, rows }], { from: 0n, to: 500n })).toBe('ok');
      expect(
        await store.rows(
          turnsView,
          rows.map(({ key }) => key),
        ),
      ).toHaveLength(500);
    });
  });
}
