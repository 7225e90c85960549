import { expect, test } from '@jest/globals';
import { views } from '../contracts/index.ts';
import type { ViewStore } from '../ports/index.ts';
import { parsed, scenarioVersionsView, sessionsView, turnRow, turnsView } from './view-store-rows.ts';

/** Commits of several views, and of several projectors, are all or nothing. `another` opens the same store as a second process would. */
export function viewStoreRivalCases(store: () => ViewStore, another: () => Promise<ViewStore>): void {
  test('a commit from another position than the checkpoint is moved and writes nothing', async () => {
    await store().commit([{ view: turnsView, rows: [turnRow('a', 1)] }], { from: 0n, to: 5n });
    expect(await store().commit([{ view: turnsView, rows: [turnRow('b', 1)] }], { from: 4n, to: 6n })).toBe('moved');
    expect(await store().checkpoint(turnsView)).toBe(5n);
    expect(await store().rows(turnsView, ['b'])).toEqual([]);
  });

  test('views of one commit are all or nothing', async () => {
    await store().commit([{ view: sessionsView, rows: [] }], { from: 0n, to: 2n });
    const changes = [
      { view: turnsView, rows: [turnRow('a', 1)] },
      { view: sessionsView, rows: [turnRow('s', 1)] },
    ];
    expect(await store().commit(changes, { from: 0n, to: 3n })).toBe('moved');
    expect(await store().checkpoint(turnsView)).toBe(0n);
    expect(await store().rows(turnsView, ['a'])).toEqual([]);
  });

  test('one commit moves every view it names and no other', async () => {
    const changes = [
      { view: turnsView, rows: [turnRow('a', 1)] },
      { view: sessionsView, rows: [turnRow('s', 1)] },
    ];
    expect(await store().commit(changes, { from: 0n, to: 3n })).toBe('ok');
    const positions = await Promise.all(
      [turnsView, sessionsView, scenarioVersionsView].map((view) => store().checkpoint(view)),
    );
    expect(positions).toEqual([3n, 3n, 0n]);
    expect(await store().rows(sessionsView, ['s'])).toHaveLength(1);
  });

  test('a commit that names no view is ok and does nothing', async () => {
    expect(await store().commit([], { from: 0n, to: 9n })).toBe('ok');
    expect(await store().checkpoint(turnsView)).toBe(0n);
  });

  test('of many projectors that commit from the same position exactly one gets through', async () => {
    const others = await Promise.all(Array.from({ length: 8 }, () => another()));
    const outcomes = await Promise.all(
      others.map((other, n) =>
        other.commit([{ view: turnsView, rows: [turnRow('a', 1, { n })] }], { from: 0n, to: BigInt(n + 1) }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    const winner = outcomes.indexOf('ok');
    expect(await store().checkpoint(turnsView)).toBe(BigInt(winner + 1));
    expect(parsed(await store().rows(turnsView, ['a']))[0]?.record.n).toBe(winner);
  });

  test('one commit writes rows of every view there is', async () => {
    const all = Object.values(views);
    await store().prepare(all);
    const changes = all.map((view) => ({ view, rows: [turnRow(`${view.name} row`, 1, { of: view.name })] }));
    expect(await store().commit(changes, { from: 0n, to: 4n })).toBe('ok');
    for (const view of all) {
      expect(await store().checkpoint(view)).toBe(4n);
      expect(parsed(await store().rows(view, [`${view.name} row`]))[0]?.record.of).toBe(view.name);
    }
  });

  test('a moved commit of every view writes none of their rows', async () => {
    const all = Object.values(views);
    await store().prepare(all);
    await store().commit([{ view: views.usageDaily, rows: [] }], { from: 0n, to: 1n });
    const changes = all.map((view) => ({ view, rows: [turnRow('a', 1)] }));
    expect(await store().commit(changes, { from: 0n, to: 4n })).toBe('moved');
    for (const view of all) expect(await store().rows(view, ['a'])).toEqual([]);
    expect(await store().checkpoint(views.usageDaily)).toBe(1n);
    expect(await store().checkpoint(views.sessions)).toBe(0n);
  });
}
