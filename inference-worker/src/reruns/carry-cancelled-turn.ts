import { isTurnledgerError, sessionStream } from '@turnledger/shared/contracts';
import { carryCancelledTurn as carry } from '@turnledger/shared/domain';
import { readRecordedTurn } from './recorded-turn.ts';
import { repeatedRequest } from './repeated-request.ts';
import { rerunTurnIdOf } from './rerun-ids.ts';
import type { RepeatedTurn, RepeatKit } from './rerun-ports.ts';
import { contextOf } from './run-context.ts';

/** Puts a turn that was cancelled where it was among those that are asked again: what had been said of it is in the next prompt, unless it is erased. Throws `store_unavailable`. */
export async function carryCancelledTurn(
  { ports, run }: RepeatKit,
  { request: { overrides }, sessionId, state, turn, rerunSessionId }: RepeatedTurn,
): Promise<void> {
  const { requested, record } = await readRecordedTurn(ports, { sessionId, state, turn });
  const scenarioVersion = overrides.scenarioVersion ?? turn.scenarioVersion;
  const again = repeatedRequest(requested, overrides, {
    turnId: rerunTurnIdOf(rerunSessionId, turn.turnId),
    scenarioVersion,
  });
  if (!again) return;
  const context = contextOf(run);
  const command = { ...again, by: context.actor, ...(record.partial && { partial: record.partial }) };
  const { sessions } = ports.ledger;
  await sessions
    .transact(sessionStream(rerunSessionId), (now) => carry(command, now), { context })
    .catch((thrown: unknown) => {
      // The turns after it say so.
      if (!isTurnledgerError(thrown) || thrown.code !== 'player_erased') throw thrown;
    });
}
