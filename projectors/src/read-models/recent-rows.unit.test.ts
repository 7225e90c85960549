import { beforeEach, describe, expect, test } from '@jest/globals';
import { views } from '@turnledger/shared/contracts';
import type { ViewRow } from '@turnledger/shared/ports';
import { HeldRows, RecentRows } from './recent-rows.ts';

const view = views.turns;
const rowOf = (key: string, revision = 1): ViewRow => ({
  key,
  stream: 'session-1',
  revision,
  record: JSON.stringify({ revision }),
});
const ROW_CHARS = rowOf('a').record.length;

let stored: Map<string, ViewRow>;
let reads: string[];

const open = (maxRows = 10) =>
  new RecentRows(
    {
      rows: async (_view, keys) => {
        reads.push(...keys);
        return keys.flatMap((key) => stored.get(key) ?? []);
      },
    },
    maxRows * ROW_CHARS,
  );

const wanted = (...keys: readonly string[]) => new Map([[view, new Set(keys)]]);

/** Writes rows as a commit of this projector would, and tells of it. */
function write(recent: RecentRows, rows: readonly ViewRow[], isLive = true): void {
  const held = new HeldRows();
  for (const row of rows) {
    stored.set(row.key, row);
    held.set(view, row.key, { revision: row.revision });
  }
  recent.keep([{ view, rows }], held, () => isLive);
}

async function load(recent: RecentRows, ...keys: readonly string[]) {
  const held = new HeldRows();
  await recent.load(wanted(...keys), held);
  return keys.map((key) => held.get(view, key)?.revision);
}

beforeEach(() => {
  stored = new Map();
  reads = [];
});

describe('RecentRows', () => {
  test('reads what it was not told of, in the store, and knows what is not there', async () => {
    stored.set('a', rowOf('a', 7));
    expect(await load(open(), 'a', 'nobody')).toEqual([7, undefined]);
    expect(reads).toEqual(['a', 'nobody']);
  });

  test('reads nothing of what was written last', async () => {
    const recent = open();
    write(recent, [rowOf('a', 1)]);
    write(recent, [rowOf('a', 2)]);
    expect(await load(recent, 'a')).toEqual([2]);
    expect(reads).toEqual([]);
  });

  test('does not keep a row of which nothing more is expected', async () => {
    const recent = open();
    write(recent, [rowOf('a', 1)]);
    write(recent, [rowOf('a', 2)], false);
    expect(await load(recent, 'a')).toEqual([2]);
    expect(reads).toEqual(['a']);
  });

  test('lets those go that were not written for the longest time', async () => {
    const recent = open(2);
    for (const key of ['a', 'b', 'a', 'c']) write(recent, [rowOf(key)]);
    await load(recent, 'a', 'b', 'c');
    expect(reads).toEqual(['b']);
  });

  test('keeps nothing that is over the bound by itself', async () => {
    const recent = open(0);
    write(recent, [rowOf('a')]);
    await load(recent, 'a');
    expect(reads).toEqual(['a']);
  });

  test('reads everything anew once it has forgotten', async () => {
    const recent = open();
    write(recent, [rowOf('a', 1)]);
    recent.forget();
    stored.set('a', rowOf('a', 9));
    expect(await load(recent, 'a')).toEqual([9]);
  });

  test('tells views apart', async () => {
    const recent = open();
    write(recent, [rowOf('a')]);
    const held = new HeldRows();
    await recent.load(new Map([[views.sessions, new Set(['a'])]]), held);
    expect(reads).toEqual(['a']);
    expect(held.get(view, 'a')).toBeUndefined();
  });
});
