import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { limits } from '@turnledger/shared/contracts';
import { CLUSTER_NAME } from './place-cluster.ts';
import type { RunningPostgres } from './running-postgres.ts';
import type { PostgresConnection } from './server-address.ts';
import { type StartPostgresOptions, startPostgres } from './start-postgres.ts';

/** A server that is started again when it ends by itself. */
export interface KeptPostgres {
  /** The same after every start. */
  readonly connection: PostgresConnection;
  /** Of the first server. */
  readonly pid: number;
  readonly adopted: boolean;
  /** Resolves when it ended and cannot be started again where it was: its folder is gone, or its address is another's. */
  readonly gone: Promise<void>;
  /** Leaves the server to whoever it belongs to: it is neither ended nor started again. */
  leave(): void;
  /** Ends the server, or the tries to start it; never throws. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of a data folder as `startPostgres` does, and again whenever it ends without being asked to (killed, out of memory,
 * a full disk): at once after a minute of life, else after a pause that doubles from 250 ms to 5 s, for as long as it takes. A cluster
 * that was there is never made anew: with its folder gone there is nothing to go on with.
 */
export async function keepPostgresRunning(options: StartPostgresOptions): Promise<KeptPostgres> {
  const { dataDir, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const first = await startPostgres(options);
  let starting: Promise<RunningPostgres | undefined> = Promise.resolve(first);
  let pauseMs = 0;

  const pause = async () => {
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(limits.embedded.maxRestartMs, Math.max(limits.embedded.minRestartMs, pauseMs * 2));
  };

  /** The server again, or undefined when it cannot be had, or is no longer wanted. */
  const startAgain = async (): Promise<RunningPostgres | undefined> => {
    let told = '';
    for (await pause(); !signal.aborted; await pause()) {
      if (!(await isThere(dataDir))) return undefined;
      try {
        const again = await startPostgres(options);
        if (isDeepStrictEqual(again.connection, first.connection)) return again;
        await again.stop();
        return undefined;
      } catch (cause) {
        // For hours, perhaps, and always the same.
        if (String(cause) !== told) log.warn({ cause }, 'PostgreSQL cannot be started yet');
        told = String(cause);
      }
    }
    return undefined;
  };

  const keeping = (async () => {
    for (let running = await starting; running !== undefined; running = await starting) {
      const startedAtMs = performance.now();
      const { expected, detail } = await running.exited;
      if (expected || signal.aborted) return;
      log.warn({ detail }, 'PostgreSQL ended by itself and is started again');
      if (performance.now() - startedAtMs >= limits.embedded.restartResetMs) pauseMs = 0;
      starting = startAgain();
    }
  })();

  return {
    connection: first.connection,
    pid: first.pid,
    adopted: first.adopted,
    gone: keeping.then(() => (signal.aborted ? new Promise<void>(() => undefined) : undefined)),
    leave: () => stopping.abort(),
    stop: async () => {
      stopping.abort();
      // A start that is under way is let go to its end: a server is ended when it stands.
      await (await starting)?.stop();
    },
  };
}

const isThere = (dataDir: string): Promise<boolean> =>
  access(join(dataDir, CLUSTER_NAME, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
