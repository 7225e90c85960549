import { Pool } from 'pg';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import type {
  Checkpoints,
  Clock,
  Ids,
  KeyVault,
  Leadership,
  ParkedEvents,
  ViewDatabase,
  ViewStore,
  WorkerLiveness,
} from '../../ports/index.ts';
import { migratePostgres } from './migrate.ts';
import { openPostgresCheckpoints } from './postgres-checkpoints.ts';
import { refusalOfUrl } from './postgres-failure.ts';
import { openPostgresKeyVault } from './postgres-key-vault.ts';
import { openPostgresLeadership } from './postgres-leadership.ts';
import { openPostgresParkedEvents } from './postgres-parked-events.ts';
import { openPostgresViewDatabase } from './postgres-view-database.ts';
import { openPostgresViewStore } from './postgres-view-store.ts';
import { openPostgresWorkerLiveness } from './postgres-worker-liveness.ts';
import { timedQuery } from './timed-query.ts';

export interface OpenPostgresOptions {
  readonly url: string;
  /** 32 bytes. */
  readonly masterKey: Buffer;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Told what went wrong beside a call: an idle connection was lost, an elected loop was interrupted. */
  readonly report: (facts: object, sentence: string) => void;
}

/** Everything that a process of the distributed mode keeps in PostgreSQL. */
export interface PostgresStores {
  readonly vault: KeyVault;
  readonly viewStore: ViewStore;
  readonly views: ViewDatabase;
  readonly leadership: Leadership;
  readonly checkpoints: Checkpoints;
  readonly parked: ParkedEvents;
  readonly liveness: WorkerLiveness;
  /** Throws while the database does not answer. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Migrates the schema, under a lock that several processes share, and opens what stands on it: limits.process.poolConnections connections,
 * two more for beats. Throws `config_invalid` for a URL or credentials that the server refuses, `key_mismatch` for another vault's master key,
 * `store_unavailable` where a later try may do better; nothing is left open then.
 */
export async function openPostgres(options: OpenPostgresOptions): Promise<PostgresStores> {
  const { url, masterKey, clock, ids, report } = options;
  const connection = { connectionString: url };
  await migratePostgres(connection).catch((error: unknown) => {
    const refusal = refusalOfUrl(error);
    throw refusal === undefined
      ? error
      : new TurnledgerError('config_invalid', { detail: `DATABASE_URL: ${refusal}`, cause: error });
  });
  const openPool = (name: string, max: number): Pool => {
    const bounds = { connectionTimeoutMillis: limits.log.connectTimeoutMs, keepAlive: true };
    const pool = new Pool({ ...connection, ...bounds, application_name: `turnledger-${name}`, max });
    pool.on('error', (cause) => report({ cause }, 'an idle database connection was lost'));
    return pool;
  };
  const pool = openPool('stores', limits.process.poolConnections);
  const beatPool = openPool('beats', 2);
  const close = async () => void (await Promise.all([pool.end(), beatPool.end()]));
  try {
    const vault = await openPostgresKeyVault({ pool, masterKey, ids, clock });
    return {
      vault,
      viewStore: openPostgresViewStore({ pool }),
      views: openPostgresViewDatabase({ pool }),
      checkpoints: openPostgresCheckpoints({ pool }),
      parked: openPostgresParkedEvents({ pool }),
      liveness: openPostgresWorkerLiveness({ pool: beatPool }),
      leadership: openPostgresLeadership({
        connection,
        clock,
        report: (name, cause) => report({ name, cause }, 'an elected loop was interrupted and starts again'),
      }),
      probe: async () => void (await timedQuery(pool, 'select 1', [], limits.process.probeTimeoutMs)),
      close: async () => {
        await vault.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
