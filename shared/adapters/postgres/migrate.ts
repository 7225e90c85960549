import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import { boundedConnection, type PostgresConnection } from './connection.ts';

const silent = () => undefined;

/** The .sql files stay beside the sources: tsc copies none, so the built file looks for them there. */
function migrationsFolder(): string {
  const beside = fileURLToPath(new URL('./migrations', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../../adapters/postgres/migrations', import.meta.url));
}

/**
 * Brings the schema `turnledger` of a database to this version: runs the migrations it has not seen, in order, all or nothing. Several
 * processes may call it at once: one migrates, the others wait. Prints nothing. Bound: 30 s a statement, the wait included. Throws
 * `store_unavailable` when the database cannot be reached, refuses a migration, or has another history than these files; a newer version's
 * further migrations are let be.
 */
export async function migratePostgres(connection: PostgresConnection): Promise<void> {
  const client = new Client(
    boundedConnection(connection, {
      name: 'turnledger-migrate',
      connectTimeoutMs: limits.log.connectTimeoutMs,
      queryTimeoutMs: limits.log.migrateTimeoutMs,
    }),
  );
  client.on('error', silent); // a connection lost between two statements; the next one fails and is what the caller sees
  try {
    await client.connect();
    await runner({
      dbClient: client,
      dir: migrationsFolder(),
      direction: 'up',
      schema: 'turnledger',
      createSchema: true,
      migrationsTable: 'migrations',
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: { debug: silent, info: silent, warn: silent, error: silent },
    });
  } catch (cause) {
    throw new TurnledgerError('store_unavailable', { cause });
  } finally {
    await client.end();
  }
}
