import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';
import pg from 'pg';
import { CLUSTER_NAME } from '../postgres/place-cluster.ts';
import { findPostmaster } from '../postgres/postmaster.ts';
import type { PostgresConnection } from '../postgres/server-address.ts';

/** An event as its row has it. */
export interface EventRow {
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly eventId: string;
  readonly type: string;
  /** The stored text, byte for byte. */
  readonly data: string;
  readonly metadata: { readonly [name: string]: string };
}

/** Where the PostgreSQL of a data folder is reached. Throws `store_unavailable` for one that does not run. */
export async function storedConnection(dataDir: string): Promise<PostgresConnection> {
  const cluster = await realpath(join(dataDir, CLUSTER_NAME));
  const found = await findPostmaster(cluster);
  if (found.state === 'ready') return found.connection;
  throw new TurnledgerError('store_unavailable', { detail: `no server on ${cluster}` });
}

/** Runs `work` on a connection to the PostgreSQL of a data folder, past everything Turnledger does. */
export async function withDatabase<T>(dataDir: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...(await storedConnection(dataDir)) });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every event of the log, in its order; of one stream when it is named. */
export const eventRows = (dataDir: string, stream?: string): Promise<readonly EventRow[]> =>
  withDatabase(dataDir, async (client) => {
    const { rows } = await client.query(
      `select position, stream, revision, event_id as "eventId", type, data, metadata from turnledger.events
       where $1::text is null or stream = $1 order by position`,
      [stream ?? null],
    );
    return rows.map((row) => ({ ...row, metadata: JSON.parse(row.metadata) }));
  });

/** Every row of every table that is not PostgreSQL's own, as text. */
export const allRowTexts = (dataDir: string): Promise<readonly { readonly table: string; readonly text: string }[]> =>
  withDatabase(dataDir, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const texts: { table: string; text: string }[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ text: string }>(`select one::text as text from ${name} one`);
      texts.push(...rows.map(({ text }) => ({ table: name, text })));
    }
    return texts;
  });
