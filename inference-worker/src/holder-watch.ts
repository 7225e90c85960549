import { limits } from '@turnledger/shared/contracts';
import type { Clock, WorkerBeat, WorkerLiveness } from '@turnledger/shared/ports';
import { LRUCache } from 'lru-cache';
import type { ClaimHolders, HeldClaim } from './ports.ts';

/** All beats, as one look at the store found them. */
interface Sample {
  /** Monotonic time at which it was asked for: nothing later is in it. */
  readonly askedAtMs: number;
  readonly beats: ReadonlyMap<string, WorkerBeat>;
}

/** A claim whose holder had this beat, since when. */
interface Observation {
  readonly beat: string | undefined;
  readonly sinceMs: number;
}

const keyOf = ({ turnId, attempt, worker }: HeldClaim) => `${turnId} ${attempt} ${worker}`;

/**
 * Judges holders by their beats, with both proofs of rule 4 on this process's own clock: since it was first asked about a claim, which is
 * after it read the claim, the lease (limits.worker.leaseMs) has passed, and in all that time the holder's beat has not moved. A holder that
 * has said goodbye is lost at once: nothing of it runs any more. Questions within limits.liveness.lookMs share one look at the store; at most
 * 10,000 claims are remembered, and a forgotten one is proven anew.
 */
export function watchHolders({
  liveness,
  clock,
}: {
  readonly liveness: WorkerLiveness;
  readonly clock: Clock;
}): ClaimHolders {
  const observations = new LRUCache<string, Observation>({ max: limits.queue.maxMessages });
  let latest: Sample | undefined;
  let looking: Promise<Sample> | undefined;

  const look = async (): Promise<Sample> => {
    const askedAtMs = clock.monotonicMs();
    latest = { askedAtMs, beats: await liveness.beats() };
    return latest;
  };

  const sample = (): Promise<Sample> | Sample => {
    if (latest && clock.monotonicMs() - latest.askedAtMs < limits.liveness.lookMs / 2) return latest;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  return {
    isLost: async (claim) => {
      const { askedAtMs, beats } = await sample();
      const holder = beats.get(claim.worker);
      if (holder?.hasEnded) return true;
      const known = observations.get(keyOf(claim));
      if (known && known.beat === holder?.beat) return askedAtMs - known.sinceMs >= limits.worker.leaseMs;
      observations.set(keyOf(claim), { beat: holder?.beat, sinceMs: clock.monotonicMs() });
      return false;
    },
  };
}
