import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresConnection } from '@turnledger/shared/adapters/postgres';
import { isTurnledgerError, limits } from '@turnledger/shared/contracts';
import { holdInstanceLock, type InstanceLock } from './instance-lock.ts';

/**
 * Holds the lock of a data folder through losses of its connection: when the server crashes and recovers, or is stopped and started, the
 * lock is asked for again each `limits.embedded.lockRetryMs` until the server is back. Once `closing` has aborted a loss is no loss, since then
 * the server ends before the lock is released. Throws what `holdInstanceLock` throws at first.
 *
 * `lost` resolves only when another instance has the lock by then. Until that shows, 3 s at most after the server is back, both serve: the
 * expected revision of every append keeps the log right, and a turn under way may be asked for twice.
 */
export async function keepInstanceLock(
  connection: PostgresConnection,
  dataDir: string,
  { log, closing }: { log: { warn(facts: object, sentence: string): void }; closing: AbortSignal },
): Promise<InstanceLock> {
  let held = await holdInstanceLock(connection, dataDir);

  /** False when another instance has it, or ours is no longer wanted. */
  const regain = async (): Promise<boolean> => {
    while (!closing.aborted) {
      try {
        held = await holdInstanceLock(connection, dataDir);
        return true;
      } catch (error) {
        if (isTurnledgerError(error) && error.code === 'data_folder_in_use') {
          log.warn({ cause: error }, 'another instance took the data folder while its database was away');
          return false;
        }
      }
      await sleep(limits.embedded.lockRetryMs, undefined, { signal: closing }).catch(() => undefined);
    }
    return false;
  };

  let regaining: Promise<boolean> = Promise.resolve(true);
  const lost = (async () => {
    do {
      await held.lost;
      if (closing.aborted) break;
      log.warn({}, 'the database went away; requests answer 503 until it is back');
      regaining = regain();
    } while (await regaining);
    if (closing.aborted) await new Promise(() => undefined);
  })();
  return {
    lost,
    release: async () => {
      await regaining;
      await held.release();
    },
  };
}
