import { sessionStream } from '@turnledger/shared/contracts';
import { reuseTurn } from '@turnledger/shared/domain';
import type { PlannedAttempt } from '../planned-attempt.ts';
import { isAsRecorded } from './is-as-recorded.ts';
import type { RecordedTurn } from './recorded-turn.ts';
import type { RepeatedTurn, RepeatKit } from './rerun-ports.ts';
import { contextOf } from './run-context.ts';

/**
 * Ends a turn with the recorded reply where its first attempt would ask for that again and the re-run wants it to stand; nobody is asked then.
 * False where it has to be asked for. Throws `store_unavailable`, `stream_contended`, `outcome_unknown`.
 */
export async function reuseReply(
  { ports, run }: RepeatKit,
  { request, sessionId, turn: source, rerunSessionId }: RepeatedTurn,
  recorded: RecordedTurn,
  turnId: string,
  plan: PlannedAttempt,
): Promise<boolean> {
  const { reply, move, finishReason, model, status } = recorded.record;
  if (status !== 'completed' || reply === undefined || reply === null) return false;
  if (!request.reuse || !isAsRecorded(plan, recorded, request.overrides)) return false;
  const command = {
    turnId,
    source: { sessionId, turnId: source.turnId },
    hmac: plan.prompt.hmac,
    reply,
    ...(move && { move }),
    finishReason: finishReason ?? 'stop',
    model: model ?? plan.call.model,
  };
  const options = { context: contextOf(run) };
  const { sessions } = ports.ledger;
  const result = await sessions.transact(sessionStream(rerunSessionId), (state) => reuseTurn(command, state), options);
  return result.outcome !== 'refused';
}
