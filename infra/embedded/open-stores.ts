import {
  migratePostgres,
  openPostgresKeyVault,
  openPostgresLeadership,
  openPostgresViewDatabase,
  openPostgresViewStore,
  type PostgresConnection,
  PostgresEventLog,
} from '@turnledger/shared/adapters/postgres';
import { limits } from '@turnledger/shared/contracts';
import type { Clock, EventLog, Ids, KeyVault, Leadership, ViewDatabase, ViewStore } from '@turnledger/shared/ports';
import type { EmbeddedConfig, Log } from '@turnledger/shared/runtime';
import pg from 'pg';
import { openDataFolder } from './postgres/data-folder.ts';
import { forgetPostgresVariables } from './postgres/forget-postgres-variables.ts';
import { keepInstanceLock } from './postgres/keep-instance-lock.ts';
import { keepPostgresRunning } from './postgres/keep-postgres-running.ts';
import { openMasterKey, refusalOfKey } from './postgres/master-key.ts';

/** Everything that lasts, opened and locked. */
export interface Stores {
  readonly dataDir: string;
  readonly log: EventLog;
  readonly vault: KeyVault;
  readonly viewStore: ViewStore;
  readonly views: ViewDatabase;
  readonly leadership: Leadership;
  /** Where the master key is, when this start made it. */
  readonly newMasterKeyPath: string | undefined;
  /** Resolves when another instance has taken the data over, or the database cannot be started again: the process must end. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the data folder: PostgreSQL, the lock that makes this the only instance, the schema, the vault. Throws `data_folder_in_use`,
 * `data_folder_unusable`, `key_mismatch`, `store_unavailable`; what was started by then is stopped again.
 */
export async function openStores(config: EmbeddedConfig, ports: { clock: Clock; ids: Ids; log: Log }): Promise<Stores> {
  const { clock, ids } = ports;
  const undo: (() => Promise<unknown>)[] = [];
  const closing = new AbortController();
  const close = async () => {
    closing.abort();
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const dataDir = await openDataFolder(config.dataDir);
    const { connection, adoptedPid, gone, leave } = await openDatabase(config, dataDir, ports.log, undo);
    const lock = await keepInstanceLock(connection, dataDir, { log: ports.log, closing: closing.signal }).catch(
      async (error: unknown) => {
        // The server is the other instance's: leave it running.
        leave?.();
        undo.length = 0;
        throw error;
      },
    );
    // Let go last, after the server has ended: the next instance must not meet one that is about to.
    undo.unshift(() => lock.release());
    // Known only with the lock in hand: without it the server is another instance's.
    if (adoptedPid !== undefined)
      ports.log.warn({ pid: adoptedPid }, 'a PostgreSQL of this data folder was still running and is used again');
    await migratePostgres(connection);
    const masterKey = config.masterKey === undefined ? await openMasterKey(dataDir) : undefined;
    const pool = new pg.Pool({
      ...connection,
      max: limits.embedded.poolConnections,
      connectionTimeoutMillis: limits.log.connectTimeoutMs,
    });
    pool.on('error', (cause) => {
      // The pool's end does not wait for the server's: what the server says as it stops is no loss.
      if (!closing.signal.aborted) ports.log.warn({ cause }, 'an idle database connection was lost');
    });
    undo.push(() => pool.end());
    const vault = await openPostgresKeyVault({
      pool,
      masterKey: config.masterKey ?? masterKey?.key ?? Buffer.alloc(0),
      ids,
      clock,
    }).catch(async (error: unknown) => {
      throw await refusalOfKey(masterKey, error);
    });
    undo.push(() => vault.close());
    const log = new PostgresEventLog({ connection, clock });
    undo.push(() => log.close());
    return {
      dataDir,
      log,
      vault,
      close,
      viewStore: openPostgresViewStore({ pool }),
      views: openPostgresViewDatabase({ pool }),
      leadership: openPostgresLeadership({
        connection,
        clock,
        report: (name, cause) => ports.log.warn({ name, cause }, 'an elected loop was interrupted and starts again'),
      }),
      newMasterKeyPath: masterKey?.created ? masterKey.path : undefined,
      lost: Promise.race(gone === undefined ? [lock.lost] : [lock.lost, gone]),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface OpenDatabase {
  readonly connection: PostgresConnection;
  /** Of a server that was running already. */
  readonly adoptedPid?: number;
  /** These of a server of ours alone; an operator's is theirs to keep. */
  readonly gone?: Promise<void>;
  readonly leave?: () => void;
}

async function openDatabase(
  { databaseUrl }: EmbeddedConfig,
  dataDir: string,
  log: Log,
  undo: (() => Promise<unknown>)[],
): Promise<OpenDatabase> {
  if (databaseUrl !== undefined) return { connection: { connectionString: databaseUrl } };
  forgetPostgresVariables();
  const postgres = await keepPostgresRunning({ dataDir, log });
  undo.push(() => postgres.stop());
  const { connection, gone, leave } = postgres;
  return { connection, gone, leave, ...(postgres.adopted && { adoptedPid: postgres.pid }) };
}
