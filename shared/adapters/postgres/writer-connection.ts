import { limits } from '../../contracts/index.ts';
import type { PostgresConnection } from './connection.ts';
import { connectDedicated, type DedicatedClient } from './dedicated-client.ts';

/**
 * What a writer asks of its session, whatever the server's defaults. An answer means fsynced. A statement that waited for the head goes
 * on from the new one, which only read committed does. The server gives up on a statement when we do, so that a writer that was cut off
 * does not hold the head's lock for longer. The prepared statements keep an index plan, which one made while the table was empty would
 * not be.
 */
const settings = `
set synchronous_commit = on;
set default_transaction_isolation = 'read committed';
set statement_timeout = ${limits.log.appendTimeoutMs};
set jit = off;
set enable_seqscan = off;
set plan_cache_mode = force_generic_plan`;

/** The one connection that appends go through, made when first needed and again after a loss. */
export class WriterConnection {
  readonly #connection: PostgresConnection;
  #current: DedicatedClient | undefined;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  /** The standing connection, or a new one. Throws pg's error when there is none within limits.log.connectTimeoutMs. */
  async open(): Promise<DedicatedClient> {
    if (this.#current === undefined || this.#current.lost.aborted) {
      this.#current = await connectDedicated(this.#connection, { name: 'turnledger-log-writer', settings });
    }
    return this.#current;
  }

  async close(): Promise<void> {
    await this.#current?.cut();
  }
}
