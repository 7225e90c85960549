import { Socket } from 'node:net';
import { Client } from 'pg';
import { limits } from '../../contracts/index.ts';
import { boundedConnection, type PostgresConnection } from './connection.ts';

/** A connection outside of the pool, and the only sure way to be rid of it. */
export interface DedicatedClient {
  readonly client: Client;
  /** Aborts when the connection is lost or cut. */
  readonly lost: AbortSignal;
  /**
   * Closes the socket, whatever is under way on it, which then throws. `client.end()` instead says goodbye and waits for an answer, for
   * ever if the server has stopped.
   */
  cut(): Promise<void>;
}

/** Connects within limits.log.connectTimeoutMs, or throws what pg throws. `name` shows in pg_stat_activity; `settings` is SQL run first. */
export async function connectDedicated(
  connection: PostgresConnection,
  { name, settings }: { readonly name: string; readonly settings: string },
): Promise<DedicatedClient> {
  const socket = new Socket();
  const bounds = { name, connectTimeoutMs: limits.log.connectTimeoutMs, queryTimeoutMs: limits.log.appendTimeoutMs };
  const client = new Client({ ...boundedConnection(connection, bounds), stream: () => socket });
  const lost = new AbortController();
  const lose = () => lost.abort();
  client.on('error', lose);
  client.on('end', lose);
  const cut = async () => {
    lose();
    if (socket.closed) return;
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.destroy();
    });
  };
  try {
    await client.connect();
    await client.query(settings);
    return { client, lost: lost.signal, cut };
  } catch (error) {
    await cut();
    throw error;
  }
}
