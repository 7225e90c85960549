import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { views } from '../contracts/index.ts';
import type { ViewDefinition, ViewRow, ViewStore } from '../ports/index.ts';

/** A store to test; each `open` gives one over the same empty place, as a second process would have it. */
export interface ViewStoreHarness {
  open(): Promise<ViewStore>;
  close(): Promise<void>;
}

const turns: ViewDefinition = { name: 'turns', version: 1 };
const sessions: ViewDefinition = { name: 'sessions', version: 1 };
const scenarioVersions: ViewDefinition = { name: 'scenario_versions', version: 1 };

/** A turn's row as the projector writes it, with what a test cares about. */
const turnRow = (key: string, revision: number, more: { readonly [field: string]: unknown } = {}): ViewRow => ({
  key,
  stream: 'session-1',
  revision,
  record: JSON.stringify({ turnId: key, sessionId: '1', position: 1, status: 'requested', revision, ...more }),
});

const parsed = (rows: readonly ViewRow[]) =>
  rows.map((row) => ({ ...row, record: JSON.parse(row.record) })).sort((a, b) => (a.key < b.key ? -1 : 1));

/** What every ViewStore holds. */
export function describeViewStore(name: string, makeHarness: () => Promise<ViewStoreHarness>): void {
  describe(`${name} as ViewStore`, () => {
    let harness: ViewStoreHarness;
    let store: ViewStore;

    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
      await store.prepare([turns, sessions, scenarioVersions]);
    });

    afterEach(() => harness.close());

    test('a new view stands at 0', async () => {
      expect(await store.checkpoint(turns)).toBe(0n);
    });

    test('a view that nobody prepared stands at 0', async () => {
      expect(await store.checkpoint({ name: 'turns', version: 7 })).toBe(0n);
    });

    test('a commit writes rows and moves the checkpoint', async () => {
      const rows = [turnRow('a', 1), turnRow('b', 2)];
      expect(await store.commit([{ view: turns, rows }], { from: 0n, to: 5n })).toBe('ok');
      expect(await store.checkpoint(turns)).toBe(5n);
      expect(parsed(await store.rows(turns, ['a', 'b']))).toEqual(parsed(rows));
    });

    test('positions beyond 53 bits stay exact', async () => {
      const to = 9_007_199_254_740_993n;
      await store.commit([{ view: turns, rows: [] }], { from: 0n, to });
      expect(await store.checkpoint(turns)).toBe(to);
    });

    test('a commit without rows moves the checkpoint all the same', async () => {
      expect(await store.commit([{ view: turns, rows: [] }], { from: 0n, to: 3n })).toBe('ok');
      expect(await store.checkpoint(turns)).toBe(3n);
    });

    test('unknown keys are absent from the rows', async () => {
      await store.commit([{ view: turns, rows: [turnRow('a', 1)] }], { from: 0n, to: 1n });
      expect((await store.rows(turns, ['a', 'nobody'])).map(({ key }) => key)).toEqual(['a']);
      expect(await store.rows(turns, [])).toEqual([]);
    });

    test('a key asked for twice is answered once', async () => {
      await store.commit([{ view: turns, rows: [turnRow('a', 1)] }], { from: 0n, to: 1n });
      expect(await store.rows(turns, ['a', 'a'])).toHaveLength(1);
    });

    test('a row is replaced by one of a higher revision', async () => {
      await store.commit([{ view: turns, rows: [turnRow('a', 1)] }], { from: 0n, to: 1n });
      await store.commit([{ view: turns, rows: [turnRow('a', 4, { status: 'completed' })] }], { from: 1n, to: 2n });
      expect(parsed(await store.rows(turns, ['a']))).toEqual(parsed([turnRow('a', 4, { status: 'completed' })]));
    });

    test('a row never goes back to an older revision', async () => {
      await store.commit([{ view: turns, rows: [turnRow('a', 4)] }], { from: 0n, to: 1n });
      expect(await store.commit([{ view: turns, rows: [turnRow('a', 2)] }], { from: 1n, to: 2n })).toBe('ok');
      expect((await store.rows(turns, ['a']))[0]?.revision).toBe(4);
    });

    test('the same revision again replaces the row, so that a repaired fold can heal a view', async () => {
      await store.commit([{ view: turns, rows: [turnRow('a', 4, { status: 'wrong' })] }], { from: 0n, to: 1n });
      await store.commit([{ view: turns, rows: [turnRow('a', 4, { status: 'right' })] }], { from: 1n, to: 2n });
      expect(parsed(await store.rows(turns, ['a']))[0]?.record.status).toBe('right');
    });

    test('of several rows of one key in a batch the highest revision stays, of equals the last', async () => {
      const rows = [
        turnRow('a', 3, { n: 1 }),
        turnRow('a', 5, { n: 2 }),
        turnRow('a', 5, { n: 3 }),
        turnRow('a', 4, { n: 4 }),
      ];
      await store.commit([{ view: turns, rows }], { from: 0n, to: 1n });
      expect(parsed(await store.rows(turns, ['a']))).toEqual(parsed([turnRow('a', 5, { n: 3 })]));
    });

    test('a commit from another position than the checkpoint is moved and writes nothing', async () => {
      await store.commit([{ view: turns, rows: [turnRow('a', 1)] }], { from: 0n, to: 5n });
      expect(await store.commit([{ view: turns, rows: [turnRow('b', 1)] }], { from: 4n, to: 6n })).toBe('moved');
      expect(await store.checkpoint(turns)).toBe(5n);
      expect(await store.rows(turns, ['b'])).toEqual([]);
    });

    test('views of one commit are all or nothing', async () => {
      await store.commit([{ view: sessions, rows: [] }], { from: 0n, to: 2n });
      const changes = [
        { view: turns, rows: [turnRow('a', 1)] },
        { view: sessions, rows: [turnRow('s', 1)] },
      ];
      expect(await store.commit(changes, { from: 0n, to: 3n })).toBe('moved');
      expect(await store.checkpoint(turns)).toBe(0n);
      expect(await store.rows(turns, ['a'])).toEqual([]);
    });

    test('one commit moves every view it names and no other', async () => {
      const changes = [
        { view: turns, rows: [turnRow('a', 1)] },
        { view: sessions, rows: [turnRow('s', 1)] },
      ];
      expect(await store.commit(changes, { from: 0n, to: 3n })).toBe('ok');
      const positions = await Promise.all([turns, sessions, scenarioVersions].map((view) => store.checkpoint(view)));
      expect(positions).toEqual([3n, 3n, 0n]);
      expect(await store.rows(sessions, ['s'])).toHaveLength(1);
    });

    test('a commit that names no view is ok and does nothing', async () => {
      expect(await store.commit([], { from: 0n, to: 9n })).toBe('ok');
      expect(await store.checkpoint(turns)).toBe(0n);
    });

    test('of many projectors that commit from the same position exactly one gets through', async () => {
      const others = await Promise.all(Array.from({ length: 8 }, () => harness.open()));
      const outcomes = await Promise.all(
        others.map((other, n) =>
          other.commit([{ view: turns, rows: [turnRow('a', 1, { n })] }], { from: 0n, to: BigInt(n + 1) }),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
      const winner = outcomes.indexOf('ok');
      expect(await store.checkpoint(turns)).toBe(BigInt(winner + 1));
      expect(parsed(await store.rows(turns, ['a']))[0]?.record.n).toBe(winner);
    });

    test('one commit writes rows of every view there is', async () => {
      const all = Object.values(views);
      await store.prepare(all);
      const changes = all.map((view) => ({ view, rows: [turnRow(`${view.name} row`, 1, { of: view.name })] }));
      expect(await store.commit(changes, { from: 0n, to: 4n })).toBe('ok');
      for (const view of all) {
        expect(await store.checkpoint(view)).toBe(4n);
        expect(parsed(await store.rows(view, [`${view.name} row`]))[0]?.record.of).toBe(view.name);
      }
    });

    test('a moved commit of every view writes none of their rows', async () => {
      const all = Object.values(views);
      await store.prepare(all);
      await store.commit([{ view: views.usageDaily, rows: [] }], { from: 0n, to: 1n });
      const changes = all.map((view) => ({ view, rows: [turnRow('a', 1)] }));
      expect(await store.commit(changes, { from: 0n, to: 4n })).toBe('moved');
      for (const view of all) expect(await store.rows(view, ['a'])).toEqual([]);
      expect(await store.checkpoint(views.usageDaily)).toBe(1n);
      expect(await store.checkpoint(views.sessions)).toBe(0n);
    });

    test('preparing again, and by several at once, keeps rows and checkpoint', async () => {
      await store.commit([{ view: turns, rows: [turnRow('a', 1)] }], { from: 0n, to: 5n });
      const others = await Promise.all([harness.open(), harness.open(), harness.open()]);
      await Promise.all(others.map((other) => other.prepare([turns, sessions])));
      expect(await store.checkpoint(turns)).toBe(5n);
      expect(await store.rows(turns, ['a'])).toHaveLength(1);
    });

    test('a new version of a view is empty and leaves the old one alone', async () => {
      const second: ViewDefinition = { name: 'turns', version: 2 };
      await store.commit([{ view: turns, rows: [turnRow('a', 1)] }], { from: 0n, to: 5n });
      await store.prepare([second]);
      expect(await store.checkpoint(second)).toBe(0n);
      expect(await store.rows(second, ['a'])).toEqual([]);
      await store.commit([{ view: second, rows: [turnRow('b', 1)] }], { from: 0n, to: 1n });
      expect(await store.rows(turns, ['b'])).toEqual([]);
      expect(await store.checkpoint(turns)).toBe(5n);
    });

    test('any text survives, and what a store cannot hold does not stop the view', async () => {
      const note = 'quotes " \' \\ $1 {a,b} \u00e9 \u{1F409} line\nbreak \t \u0001';
      const rows = [
        turnRow('plain', 1, { note }),
        turnRow('hostile', 1, { note: 'nul \u0000 half \ud800' }),
        turnRow('k"{,}', 1),
      ];
      expect(await store.commit([{ view: turns, rows }], { from: 0n, to: 1n })).toBe('ok');
      expect(parsed(await store.rows(turns, ['plain']))[0]?.record.note).toBe(note);
      expect(await store.rows(turns, ['hostile', 'k"{,}'])).toHaveLength(2);
    });

    describe('open turns', () => {
      const openKeys = async (
        options: { readonly limit?: number; readonly dueBeforeMs?: number; readonly afterKey?: string } = {},
      ) => (await store.openTurns({ limit: 10, ...options })).map(({ key }) => key);

      beforeEach(async () => {
        const rows = [
          turnRow('d', 1, { status: 'started', deadlineAtMs: 1_000 }),
          turnRow('a', 1, { status: 'requested', deadlineAtMs: 3_000 }),
          turnRow('B', 1, { status: 'requested', deadlineAtMs: 2_000 }),
          turnRow('c', 1, { status: 'completed', deadlineAtMs: 500 }),
        ];
        await store.commit([{ view: turns, rows }], { from: 0n, to: 1n });
      });

      test('are those requested or started, in the order of their keys', async () => {
        expect(await openKeys()).toEqual(['B', 'a', 'd']);
      });

      test('come with their whole rows', async () => {
        const [row] = await store.openTurns({ limit: 1 });
        expect(parsed(row ? [row] : [])).toEqual(parsed(await store.rows(turns, ['B'])));
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
        await store.commit([{ view: turns, rows: [turnRow('a', 2, { status: 'timed_out' })] }], { from: 1n, to: 2n });
        expect(await openKeys()).toEqual(['B', 'd']);
      });

      test('of another view there are none', async () => {
        await store.commit([{ view: sessions, rows: [turnRow('s', 1, { status: 'started' })] }], { from: 0n, to: 2n });
        expect(await openKeys()).toEqual(['B', 'a', 'd']);
      });
    });

    test('a batch of 500 rows is one commit', async () => {
      const rows = Array.from({ length: 500 }, (_, n) => turnRow(`turn-${n}`, n));
      expect(await store.commit([{ view: turns, rows }], { from: 0n, to: 500n })).toBe('ok');
      expect(
        await store.rows(
          turns,
          rows.map(({ key }) => key),
        ),
      ).toHaveLength(500);
    });
  });
}
