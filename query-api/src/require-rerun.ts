import { rerunStream, TurnledgerError } from '@turnledger/shared/contracts';
import type { Caller } from '@turnledger/shared/runtime';
import type { QueryPorts } from './ports.ts';

/**
 * Lets a caller pass to a re-run of theirs: with a token that is bound to a game those of that game's sessions alone, since one of several games
 * shows what was said in the others. A foreign one and a missing one throw the same `rerun_not_found`. Asks the log, not the view: a re-run
 * counts from the moment in which it was asked for. Throws `store_unavailable`.
 */
export async function requireRerun(
  { ledger }: Pick<QueryPorts, 'ledger'>,
  { gameId: bound }: Caller,
  rerunId: string,
): Promise<void> {
  // Whose it is never changes once it was asked for.
  const { request } = await ledger.reruns.load(rerunStream(rerunId), Number.POSITIVE_INFINITY);
  if (!request || (bound !== undefined && bound !== request.gameId)) throw new TurnledgerError('rerun_not_found');
}
