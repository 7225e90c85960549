import { accepted, type Decision, refused } from '../decision.ts';
import { turnOf } from './effective-history.ts';
import type { Cost, FinishReason, Move, ProviderTrace, SessionEvent, Usage } from './events.ts';
import { settleOnly } from './fail-attempt.ts';
import type { SessionState } from './state.ts';
import { holdsClaim } from './turn-state.ts';

export interface CompleteTurn {
  readonly turnId: string;
  readonly attempt: number;
  readonly callId: string;
  readonly reply: string;
  /** What the reply proposes; valid by the scenario's schema, which the caller has checked. */
  readonly move?: Move;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly cost: Cost;
  readonly ttftMs: number;
  readonly durationMs: number;
  readonly provider: ProviderTrace;
}

/** Gives a turn its reply, if its attempt still holds the claim; a late result changes nothing and is settled (rule 4). */
export function completeTurn(
  command: CompleteTurn,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'turn_not_found' | 'turn_already_ended'> {
  const { cost, ...ending } = command;
  const turn = turnOf(state, command.turnId);
  if (!turn) return refused('turn_not_found');
  return holdsClaim(turn, command.attempt, command.callId)
    ? accepted({ type: 'TurnCompleted', data: { ...ending, ...cost } })
    : settleOnly({ ...command, usage: command.usage }, state);
}
