import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openMemoryViewStore } from '@turnledger/shared/adapters/memory';
import { migratePostgres, openPostgresViewStore } from '@turnledger/shared/adapters/postgres';
import { viewName, views, viewTable } from '@turnledger/shared/contracts';
import type { RecordedEvent, ViewStore } from '@turnledger/shared/ports';
import { silentLog } from '@turnledger/shared/runtime';
import {
  type FreshDatabase,
  freshDatabase,
  goldenFiles,
  goldenViews,
  readGolden,
  type ShownViews,
  showViews,
} from '@turnledger/shared/testing';
import { Pool } from 'pg';
import { readModels } from './read-models.ts';

/**
 * What the views hold of the golden histories. A fold that comes to other rows is another view: raise its version in contracts/views.ts, or
 * the rows of logs out there stay as they were folded, beside new ones. Then record them (shared/testing/golden/README.md).
 */
const recorded: { readonly [file: string]: ShownViews } = JSON.parse(
  readFileSync(new URL('golden-histories.json', import.meta.url), 'utf8'),
);

/** The editions that are older than re-runs. */
const withoutReruns = goldenFiles().slice(0, 4);

let database: FreshDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 2 });
  // A connection may still be closing when its database is dropped under it.
  pool.on('error', () => {});
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function emptyPostgres(): Promise<ViewStore> {
  for (const view of Object.values(views)) await pool.query(`drop table if exists ${viewTable(view)}`);
  await pool.query('truncate turnledger_views.checkpoint');
  return openPostgresViewStore({ pool });
}

/** The rows that a store holds, of the keys that are expected of it and of those that the plain fold has. */
async function shownBy(store: ViewStore, file: string): Promise<ShownViews> {
  const keysOf = (name: string) =>
    [recorded[file], goldenViews(readGolden(file))].flatMap((shown) => Object.keys(shown?.[name] ?? {}));
  const contents = Object.values(views).map(async (view) => ({
    view,
    rows: await store.rows(view, keysOf(viewName(view))),
  }));
  return showViews(await Promise.all(contents));
}

/** Projects a history as the loop would, `size` events a batch. */
async function project(store: ViewStore, events: readonly RecordedEvent[], size: number): Promise<void> {
  const projector = readModels(store, silentLog);
  await projector.start();
  for (let first = 0; first < events.length; first += size) {
    const batch = events.slice(first, first + size);
    await projector.apply(batch, batch.at(-1)?.position ?? 0n, new AbortController().signal);
  }
}

test('the golden views are those of every golden file, in the versions of today', () => {
  const today = Object.values(views).map(viewName).sort();
  const names = Object.entries(recorded).map(([file, shown]) => [file, Object.keys(shown).sort()]);
  expect(names).toEqual(goldenFiles().map((file) => [file, today]));
});

describe.each(goldenFiles())('%s', (file) => {
  test('leaves rows in every view', () => {
    const empty = Object.entries(recorded[file] ?? {}).filter(([, rows]) => Object.keys(rows).length === 0);
    const missing = withoutReruns.includes(file) ? [viewName(views.reruns)] : [];
    expect(empty.map(([name]) => name)).toEqual(missing);
  });

  test('has no row of a session in which turns were asked again', () => {
    const ids = readGolden(file).flatMap(({ stream }) => /^rerunsession-(.+)$/.exec(stream)?.[1] ?? []);
    expect(ids.length > 0).toBe(!withoutReruns.includes(file));
    for (const id of ids) expect(JSON.stringify(recorded[file])).not.toContain(id);
  });

  test('folded plainly, is the rows that were recorded', () => {
    expect(goldenViews(readGolden(file))).toEqual(recorded[file]);
  });

  test.each([
    ['memory', async () => openMemoryViewStore(), 1],
    ['memory', async () => openMemoryViewStore(), 500],
    ['PostgreSQL', emptyPostgres, 1],
    ['PostgreSQL', emptyPostgres, 500],
  ] as const)('projected into %s, is the rows that were recorded', async (_name, emptyStore, size) => {
    const store = await emptyStore();
    await project(store, readGolden(file), size);
    expect(await shownBy(store, file)).toEqual(recorded[file]);
  });
});
