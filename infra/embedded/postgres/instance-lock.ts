import type { PostgresConnection } from '@turnledger/shared/adapters/postgres';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import pg from 'pg';

/** "TURNLEDG" in ASCII, as two halves of the lock's 64-bit key. */
const LOCK = [0x5455524e, 0x4c454447] as const;
const LOCK_NOT_AVAILABLE = '55P03';
const NAME = 'turnledger instance, process';

export interface InstanceLock {
  /** Resolves when the lock's connection ended without `release`: this instance may no longer be alone, and must end. */
  readonly lost: Promise<void>;
  /** Lets the next instance in; never throws. Who ends the server does that first and this after: the next one must not meet a server about to end. */
  release(): Promise<void>;
}

/**
 * Holds the lock of a data folder: a session-level advisory lock on a connection of its own, which PostgreSQL frees when this process
 * ends in any way. Waits 3 s for a killed instance's connection to go. Gives `data_folder_in_use` with the other's process id when it can be learned,
 * and `store_unavailable` when the server does not answer; after either the caller must leave the server running, it is the other's.
 */
export async function holdInstanceLock(connection: PostgresConnection, dataDir: string): Promise<InstanceLock> {
  const client = new pg.Client({
    ...connection,
    application_name: `${NAME} ${process.pid}`,
    connectionTimeoutMillis: limits.embedded.connectTimeoutMs,
    keepAlive: true,
  });
  const lost = new Promise<void>((resolve) => {
    client.once('end', resolve);
    client.on('error', () => resolve());
  });
  let released = false;
  try {
    await client.connect();
    await client.query(`SELECT set_config('lock_timeout', $1, false)`, [`${limits.embedded.lockWaitMs}ms`]);
    await client.query('SELECT pg_advisory_lock($1, $2)', [...LOCK]);
  } catch (error) {
    const refusal = await explain(error, client, dataDir);
    await client.end().catch(() => undefined);
    throw refusal;
  }
  return {
    lost: lost.then(() => (released ? new Promise<void>(() => undefined) : undefined)),
    release: async () => {
      released = true;
      await client.end().catch(() => undefined);
    },
  };
}

async function explain(error: unknown, client: pg.Client, dataDir: string): Promise<TurnledgerError> {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code !== LOCK_NOT_AVAILABLE) {
    return new TurnledgerError('store_unavailable', {
      detail: `the PostgreSQL of ${dataDir} did not answer`,
      cause: error,
    });
  }
  const owner = await ownerProcess(client).catch(() => undefined);
  const who = owner === undefined ? 'another process' : `process ${owner}`;
  return new TurnledgerError('data_folder_in_use', {
    detail: `${dataDir} is used by ${who}; end it, or choose another TURNLEDGER_DATA_DIR`,
  });
}

/** The holder wrote its process id into its connection's name. */
async function ownerProcess(client: pg.Client): Promise<string | undefined> {
  const sql = `
    SELECT activity.application_name AS name
    FROM pg_locks held JOIN pg_stat_activity activity USING (pid)
    WHERE held.locktype = 'advisory' AND held.granted AND held.classid = $1 AND held.objid = $2`;
  const { rows } = await client.query<{ name: string }>(sql, [...LOCK]);
  const name = rows[0]?.name ?? '';
  return name.startsWith(NAME) ? name.slice(NAME.length + 1) : undefined;
}
