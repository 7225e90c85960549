import { readModels, runProjector } from '@turnledger/projectors';
import { openMemoryViewStore } from '@turnledger/shared/adapters/memory';
import { openPostgresKeyVault, openPostgresViewStore, PostgresEventLog } from '@turnledger/shared/adapters/postgres';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { TurnledgerError, views, viewTable } from '@turnledger/shared/contracts';
import type { EventLog, ViewChange, ViewRow } from '@turnledger/shared/ports';
import { silentLog } from '@turnledger/shared/runtime';
import { type LoggedEvent, openLog, type ViewContent } from '@turnledger/shared/testing/history-checker';
import pg from 'pg';
import { openMasterKey } from '../embedded/postgres/master-key.ts';
import { runningPostgresOf } from './kill-postgres.ts';

/** What a run left in its stores. */
export interface StoredEvidence {
  readonly log: readonly LoggedEvent[];
  readonly live: readonly ViewContent[];
  readonly rebuilt: readonly ViewContent[];
}

const allViews = Object.values(views);

/** Reads log and views of a data folder past everything the service does, and projects the views anew from zero. The service must be running and idle. */
export async function gatherEvidence(dataDir: string): Promise<StoredEvidence> {
  const postgres = await runningPostgresOf(dataDir);
  if (!postgres) throw new TurnledgerError('store_unavailable', { detail: `no PostgreSQL runs on ${dataDir}` });
  const pool = new pg.Pool({ ...postgres.connection, max: 2 });
  const log = new PostgresEventLog({ connection: postgres.connection, clock });
  try {
    const { key: masterKey } = await openMasterKey(dataDir);
    return await gatherFrom({ log, pool, masterKey });
  } finally {
    await log.close();
    await pool.end();
  }
}

/** What a service stands on, wherever that is. */
export interface EvidenceStores {
  readonly log: EventLog;
  /** Of the views and the vault. */
  readonly pool: pg.Pool;
  readonly masterKey: Buffer;
}

/** The same from stores that are open already. They stay the caller's. */
export async function gatherFrom({ log, pool, masterKey }: EvidenceStores): Promise<StoredEvidence> {
  const vault = await openPostgresKeyVault({ pool, masterKey, ids, clock });
  await untilViewsReach(log, pool);
  const opened = await openLog(log, vault);
  await vault.close();
  return { log: opened, live: await liveViews(pool), rebuilt: await rebuiltViews(log) };
}

async function untilViewsReach(log: EventLog, pool: pg.Pool): Promise<void> {
  const store = openPostgresViewStore({ pool });
  const head = await log.headPosition();
  for (const view of allViews) while ((await store.checkpoint(view)) < head) await clock.sleep(POLL_MS);
}

const POLL_MS = 20;

async function liveViews(pool: pg.Pool): Promise<readonly ViewContent[]> {
  const contents: ViewContent[] = [];
  for (const view of allViews) {
    const { rows } = await pool.query<ViewRow>(
      `select key, stream, revision, record::text as record from ${viewTable(view)}`,
    );
    contents.push({ view, rows });
  }
  return contents;
}

/** The real projector over an empty store. */
async function rebuiltViews(log: EventLog): Promise<readonly ViewContent[]> {
  const store = openMemoryViewStore();
  const keys = new Map<string, Set<string>>(allViews.map(({ name }) => [name, new Set()]));
  const note = ({ view, rows }: ViewChange) => {
    for (const { key } of rows) keys.get(view.name)?.add(key);
  };
  const head = await log.headPosition();
  const caughtUp = new AbortController();
  const onCaughtUp = (position: bigint) => {
    if (position >= head) caughtUp.abort();
  };
  const noting = {
    ...store,
    commit: (changes: readonly ViewChange[], checkpoint: { readonly from: bigint; readonly to: bigint }) => {
      for (const change of changes) note(change);
      return store.commit(changes, checkpoint);
    },
  };
  await runProjector({ log, clock, logger: silentLog }, readModels(noting, silentLog, onCaughtUp), caughtUp.signal);
  return Promise.all(
    allViews.map(async (view) => ({ view, rows: await store.rows(view, [...(keys.get(view.name) ?? [])]) })),
  );
}
