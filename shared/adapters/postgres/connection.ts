import type { ClientConfig } from 'pg';

/** How to reach a PostgreSQL: a URL, or host (a folder for a Unix socket), port, user, password and database. */
export type PostgresConnection = Pick<
  ClientConfig,
  'connectionString' | 'host' | 'port' | 'user' | 'password' | 'database' | 'ssl'
>;

/** Bounds and a name for one connection; pg itself would wait for ever on both. */
export interface ConnectionBounds {
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** For the connection to stand. */
  readonly connectTimeoutMs: number;
  /** For one answer; the client must be destroyed when it passes, since the answer may still come. */
  readonly queryTimeoutMs: number;
}

/** The pg configuration of a bounded, named connection. */
export function boundedConnection(connection: PostgresConnection, bounds: ConnectionBounds): ClientConfig {
  return {
    ...connection,
    application_name: bounds.name,
    connectionTimeoutMillis: bounds.connectTimeoutMs,
    query_timeout: bounds.queryTimeoutMs,
    keepAlive: true,
  };
}
