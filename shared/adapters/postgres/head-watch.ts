import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import { headChannel } from './append-group.ts';
import type { PostgresConnection } from './connection.ts';
import { connectDedicated, type DedicatedClient } from './dedicated-client.ts';
import type { RecentEvents } from './recent-events.ts';

const readHeadPosition = 'select position from turnledger.log_head';

/**
 * Hears of the appends of other processes: by LISTEN, within a millisecond, and by asking for the head every limits.log.pollIntervalMs,
 * which also finds out that the connection is dead. After a loss it connects again, with a pause that doubles from minReconnectMs to
 * maxReconnectMs; what was missed meanwhile shows in the first answer. One connection, from the first `start` until `stop`.
 */
export class HeadWatch {
  readonly #connection: PostgresConnection;
  readonly #recent: RecentEvents;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;

  constructor(connection: PostgresConnection, recent: RecentEvents, clock: Clock) {
    this.#connection = connection;
    this.#recent = recent;
    this.#clock = clock;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const stopped = this.#stopped.signal;
    let pauseMs: number = limits.log.minReconnectMs;
    while (!stopped.aborted) {
      let dedicated: DedicatedClient | undefined;
      try {
        dedicated = await connectDedicated(this.#connection, {
          name: 'turnledger-log-watch',
          settings: `listen ${headChannel}`,
        });
        await this.#watch(dedicated, () => {
          pauseMs = limits.log.minReconnectMs;
        });
      } catch {
        // Down, or without our schema: subscribers meet the same and say so; here it only means to try again.
      } finally {
        await dedicated?.cut();
      }
      await this.#clock.sleep(pauseMs, stopped);
      pauseMs = Math.min(2 * pauseMs, limits.log.maxReconnectMs);
    }
  }

  /** Watches until the connection is lost or `stop` is called. */
  async #watch({ client, lost, cut }: DedicatedClient, onAnswer: () => void): Promise<void> {
    const stopped = this.#stopped.signal;
    const stop = () => void cut();
    stopped.addEventListener('abort', stop);
    // Anybody may notify on the channel: what is no position is no news.
    client.on('notification', ({ payload = '' }) => {
      if (/^\d{1,18}$/.test(payload)) this.#recent.noteRumour(BigInt(payload));
    });
    try {
      while (!lost.aborted && !stopped.aborted) {
        const { rows } = await client.query<{ position: string }>(readHeadPosition);
        this.#recent.noteRumour(BigInt(rows[0]?.position ?? 0));
        onAnswer();
        await this.#clock.sleep(limits.log.pollIntervalMs, lost);
      }
    } finally {
      stopped.removeEventListener('abort', stop);
    }
  }
}
