import type { TurnState } from '@turnledger/shared/domain';
import type { ClaimHolders } from './ports.ts';

/** How the newest attempt of a turn is held: by nobody, by a worker that may live, or by one that is proven lost. Throws `store_unavailable`. */
export async function holdOn(
  holders: ClaimHolders,
  { turnId, attempt, worker }: TurnState,
): Promise<'free' | 'held' | 'lost'> {
  if (worker === undefined) return 'free';
  return (await holders.isLost({ turnId, attempt, worker })) ? 'lost' : 'held';
}
