import { limits } from '../../contracts/index.ts';
import type { Clock, Leadership } from '../../ports/index.ts';

const { retryMs } = limits.leadership;

/** Somebody who wants a name: the first in line holds it. */
interface Candidate {
  readonly take: () => void;
}

export interface MemoryLeadershipOptions {
  readonly clock: Clock;
  /** Told of each failure of the work; the loop goes on after it. */
  readonly report: (name: string, error: unknown) => void;
}

/**
 * Leadership within one process, in the order of asking. The lead is lost through the caller's signal alone. Work that throws, or
 * returns without being asked to, goes to the end of the line and runs again after a second.
 */
export function openMemoryLeadership({ clock, report }: MemoryLeadershipOptions): Leadership {
  const lines = new Map<string, Candidate[]>();

  const leave = (name: string, candidate: Candidate) => {
    const line = lines.get(name)?.filter((other) => other !== candidate) ?? [];
    if (line.length === 0) lines.delete(name);
    else lines.set(name, line);
    line[0]?.take();
  };

  /** Resolves when the name is ours, to what gives it up again; to undefined when the signal aborted first. */
  const wait = (name: string, signal: AbortSignal): Promise<(() => void) | undefined> =>
    new Promise((resolve) => {
      const giveUp = () => {
        leave(name, candidate);
        resolve(undefined);
      };
      const take = () => {
        signal.removeEventListener('abort', giveUp);
        resolve(() => leave(name, candidate));
      };
      const candidate: Candidate = { take };
      signal.addEventListener('abort', giveUp, { once: true });
      const line = lines.get(name) ?? [];
      lines.set(name, [...line, candidate]);
      if (line.length === 0) take();
    });

  return {
    lead: async (name, work, signal) => {
      while (!signal.aborted) {
        const release = await wait(name, signal);
        if (!release) return;
        try {
          // Between our turn coming and this line the signal may have aborted.
          if (!signal.aborted) await work(signal);
        } catch (error) {
          report(name, error);
        } finally {
          release();
        }
        await clock.sleep(retryMs, signal);
      }
    },
  };
}
