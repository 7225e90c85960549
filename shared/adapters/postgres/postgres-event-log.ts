import { Pool } from 'pg';
import { limits } from '../../contracts/index.ts';
import type {
  AppendOutcome,
  Clock,
  EncodedEvent,
  EventLog,
  ExpectedRevision,
  LogItem,
  ReadOptions,
  StoredEvent,
} from '../../ports/index.ts';
import { rejectionOf } from '../append-rules.ts';
import { commitMembers } from './commit-members.ts';
import { boundedConnection, type PostgresConnection } from './connection.ts';
import { GroupCommit } from './group-commit.ts';
import { HeadWatch } from './head-watch.ts';
import { headPosition, readHead, readStream } from './read-events.ts';
import { RecentEvents } from './recent-events.ts';
import { subscribe } from './subscribe.ts';
import { WriterConnection } from './writer-connection.ts';

/** Reads go by index, also before the first analyze. */
const readerSettings = 'set enable_seqscan = off; set enable_bitmapscan = off; set jit = off';

export interface PostgresEventLogOptions {
  /** A database that `migratePostgres` has run on. */
  readonly connection: PostgresConnection;
  /** Pauses between polls and reconnects; deadlines and `loggedAtMs` are the database's. */
  readonly clock: Clock;
}

/**
 * The event log in one table of a PostgreSQL. Concurrent appends of this process share a transaction (group-commit); those of other
 * processes are serialised with it by the row that gives out positions (append-group). Connects when first used; at most
 * limits.log.readConnections connections for reads, one for appends, one that listens from the first subscription on. Without the schema,
 * or while the database is down, appends are `unknown` and reads throw `store_unavailable`; both recover by themselves.
 */
export class PostgresEventLog implements EventLog {
  readonly #pool: Pool;
  readonly #writer: WriterConnection;
  readonly #groups: GroupCommit;
  readonly #recent = new RecentEvents();
  readonly #watch: HeadWatch;
  readonly #clock: Clock;
  readonly #closed = new AbortController();

  constructor({ connection, clock }: PostgresEventLogOptions) {
    const { connectTimeoutMs, readTimeoutMs, readConnections } = limits.log;
    const bounds = { name: 'turnledger-log-reader', connectTimeoutMs, queryTimeoutMs: readTimeoutMs };
    this.#pool = new Pool({
      ...boundedConnection(connection, bounds),
      max: readConnections,
      onConnect: (client) => client.query(readerSettings), // the pool waits for it; a refusal fails the read
    });
    this.#pool.on('error', () => undefined); // an idle connection was lost: the pool has dropped it
    this.#writer = new WriterConnection(connection);
    this.#groups = new GroupCommit(commitMembers(this.#writer, this.#recent));
    this.#watch = new HeadWatch(connection, this.#recent, clock);
    this.#clock = clock;
  }

  append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): Promise<AppendOutcome> {
    const reason = rejectionOf(stream, expected, events);
    if (reason !== undefined) return Promise.resolve({ outcome: 'rejected', reason });
    return this.#groups.append({ stream, expected, events });
  }

  readStream(stream: string, options: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    return readStream(this.#pool, stream, options);
  }

  readHead(stream: string): Promise<StoredEvent | undefined> {
    return readHead(this.#pool, stream);
  }

  subscribe(options: { readonly after: bigint; readonly signal: AbortSignal }): AsyncIterable<LogItem> {
    if (!this.#closed.signal.aborted) this.#watch.start();
    return subscribe(
      { pool: this.#pool, recent: this.#recent, clock: this.#clock, closed: this.#closed.signal },
      options,
    );
  }

  headPosition(): Promise<bigint> {
    return headPosition(this.#pool);
  }

  /** Waits for the group at the disk, at most limits.log.appendTimeoutMs; appends that wait are `unknown`, subscriptions end. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    await this.#groups.close();
    await Promise.all([this.#watch.stop(), this.#writer.close(), this.#pool.end()]);
  }
}
