import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { TurnledgerError } from '../contracts/index.ts';

/** An empty database of a test's own. */
export interface FreshDatabase {
  readonly connectionString: string;
  readonly name: string;
  /** Removes it, cutting whoever is still connected. */
  drop(): Promise<void>;
}

async function withClient(connectionString: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

const PATIENCE_MS = 1_000;
const LOOK_EVERY_MS = 10;

/**
 * Waits until nobody is connected any more, at most a second: the end of a pool does not wait for the server's, and a connection that is cut
 * while it ends is an error that nobody listens to.
 */
async function untilLeft(client: Client, name: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
    const { rows } = await client.query('select 1 from pg_stat_activity where datname = $1 limit 1', [name]);
    if (rows.length === 0) return;
    await sleep(LOOK_EVERY_MS);
  }
}

/** The same server and user, another database; the URL's host may be an encoded socket folder, which WHATWG URL would refuse. */
function withDatabase(connectionString: string, name: string): string {
  const [, before, after] = /^(postgres(?:ql)?:\/\/[^/?]*)\/[^?]*(\?.*)?$/.exec(connectionString) ?? [];
  if (before === undefined) {
    throw new TurnledgerError('config_invalid', {
      detail: 'TURNLEDGER_TEST_DATABASE_URL is not postgresql://…/database',
    });
  }
  return `${before}/${name}${after ?? ''}`;
}

/**
 * Creates an empty database on the server of TURNLEDGER_TEST_DATABASE_URL, which jest's global setup starts; about 30 ms. One per test
 * file keeps files apart. Throws `config_invalid` without that variable.
 */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = process.env.TURNLEDGER_TEST_DATABASE_URL;
  if (server === undefined) {
    throw new TurnledgerError('config_invalid', { detail: 'TURNLEDGER_TEST_DATABASE_URL is not set' });
  }
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withClient(server, (client) => client.query(`create database ${name}`));
  return {
    connectionString: withDatabase(server, name),
    name,
    drop: () =>
      withClient(server, async (client) => {
        await untilLeft(client, name);
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}
