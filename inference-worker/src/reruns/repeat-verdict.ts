import { sessionStream } from '@turnledger/shared/contracts';
import { judgeMove } from '@turnledger/shared/domain';
import type { RecordedTurn } from './recorded-turn.ts';
import type { RepeatKit } from './rerun-ports.ts';
import { contextOf } from './run-context.ts';
import type { EndedTurn } from './run-repeated-turn.ts';

/**
 * What the game said to a move it says to the same move again: the next prompt tells of it. To another move nobody says anything, since no
 * game is there. Throws `store_unavailable`.
 */
export async function repeatVerdict(
  { ports, run }: RepeatKit,
  { record: { moveVerdict } }: RecordedTurn,
  { sessionId, turn }: EndedTurn,
): Promise<void> {
  if (!moveVerdict || turn.move?.verdict !== 'none') return;
  const { verdict } = moveVerdict;
  const repeated =
    verdict === 'accepted'
      ? moveVerdict
      : moveVerdict.reason === null
        ? undefined
        : { verdict, reason: moveVerdict.reason };
  if (!repeated) return;
  const command = { turnId: turn.turnId, verdict: repeated };
  const options = { context: contextOf(run) };
  await ports.ledger.sessions.transact(sessionStream(sessionId), (state) => judgeMove(command, state), options);
}
