import { sessionStream } from '@turnledger/shared/contracts';
import { historyThrough, type TurnState, turnOf } from '@turnledger/shared/domain';
import type { Ledger } from '@turnledger/shared/runtime';
import type { ToldPast } from '../tell-again.ts';
import type { RecordedTurn } from './recorded-turn.ts';
import { rerunTurnIdOf } from './rerun-ids.ts';
import type { RepeatedTurn } from './rerun-ports.ts';
import { toldPast } from './told-past.ts';

/**
 * What a recorded prompt told of its past, for a turn that carries on in a session of new answers: as long as each of those is the recorded one.
 * Chosen anew it would come out otherwise where tokens cut the window, since a reply that was taken over has no usage of its own. Undefined
 * where an answer is another one. Throws as toldPast does.
 */
export async function keptPast(
  ledger: Pick<Ledger, 'sessions'>,
  { sessionId, state, turn, rerunSessionId }: Omit<RepeatedTurn, 'request'>,
  recorded: RecordedTurn,
): Promise<ToldPast | undefined> {
  const again = await ledger.sessions.load(sessionStream(rerunSessionId), Number.POSITIVE_INFINITY);
  const repeatedOf = (turnId: string) => turnOf(again, rerunTurnIdOf(rerunSessionId, turnId));
  const repeated = repeatedOf(turn.turnId);
  if (!repeated || !historyThrough(again, repeated).slice(0, -1).every(isAsItWas)) return undefined;
  const told = await toldPast(ledger, { sessionId, state }, recorded);
  const from = told?.fromTurnId !== undefined && repeatedOf(told.fromTurnId);
  return from ? { ...told, fromTurnId: from.turnId } : told;
}

/** One that is complete without an attempt has taken over its recorded reply. */
const isAsItWas = ({ status, attempt }: TurnState): boolean =>
  status === 'cancelled' || (status === 'completed' && attempt === 0);
