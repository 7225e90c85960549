import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { Expected } from '../expected.ts';
import { attemptLost } from './attempt-lost.ts';
import { turnOf } from './effective-history.ts';
import type { SessionEvent, TimeoutPhase } from './events.ts';
import { revisionHolds } from './revision-holds.ts';
import type { SessionState } from './state.ts';
import { isTerminal } from './turn-state.ts';

export interface CancelTurn {
  readonly turnId: string;
  readonly by: string;
  readonly reason: 'requested' | 'session_ended';
  /** What the player had already seen of the reply. */
  readonly partial?: string;
  /** The session's revision that the caller has seen; absent: no guard. */
  readonly expectedRevision?: Expected;
}

/** Cancels an open turn; a cancelled one stays so; one that ended otherwise refuses (rule 5: the first append wins). */
export function cancelTurn(
  { expectedRevision, ...command }: CancelTurn,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'turn_not_found' | 'turn_already_ended' | 'session_revision_mismatch'> {
  const turn = turnOf(state, command.turnId);
  if (!turn) return refused('turn_not_found');
  if (turn.status === 'cancelled') return unchanged;
  if (isTerminal(turn.status)) return refused('turn_already_ended', turn.turnId);
  if (!revisionHolds(expectedRevision, state)) return refused('session_revision_mismatch', turn.turnId);
  return accepted({
    type: 'TurnCancelled',
    data: { ...command, ...(turn.attempt > 0 && { attempt: turn.attempt }) },
  });
}

export interface TimeOutTurn {
  readonly turnId: string;
  /** The attempt the caller runs; absent for the expiry loop, which ends whatever attempt is under way. */
  readonly attempt?: number;
  readonly phase: TimeoutPhase;
  readonly elapsedMs: number;
  readonly partial?: string;
  readonly fallback?: string;
}

/** Ends an open turn whose deadline has passed (rule 11). */
export function timeOutTurn(
  command: TimeOutTurn,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'turn_not_found' | 'turn_already_ended'> {
  const turn = turnOf(state, command.turnId);
  if (!turn) return refused('turn_not_found');
  const superseded = command.attempt !== undefined && command.attempt !== turn.attempt;
  if (isTerminal(turn.status) || superseded) return refused('turn_already_ended', turn.turnId);
  return accepted({
    type: 'TurnTimedOut',
    data: { ...command, ...(turn.attempt > 0 && { attempt: turn.attempt }) },
  });
}

export interface FailTurn {
  readonly turnId: string;
  readonly code: string;
  readonly stage: 'queue' | 'prompt';
  readonly fallback?: string;
  /** The attempt whose holder is lost by both proofs of rule 4; absent: none is known to be. */
  readonly lostAttempt?: number;
}

/**
 * Fails an open turn for which no model can be asked, for instance because its scenario version or its key is gone. A turn that a
 * worker holds is refused: only the attempt that holds it may end it so, unless its holder is lost (rule 4).
 */
export function failTurn(
  { lostAttempt, ...command }: FailTurn,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'turn_not_found' | 'turn_already_ended' | 'turn_held'> {
  const turn = turnOf(state, command.turnId);
  if (!turn) return refused('turn_not_found');
  if (isTerminal(turn.status)) return refused('turn_already_ended', turn.turnId);
  const failed: SessionEvent<'plain'> = {
    type: 'TurnFailed',
    data: { ...command, ...(turn.attempt > 0 && { attempt: turn.attempt }) },
  };
  if (turn.worker === undefined) return accepted(failed);
  return turn.attempt === lostAttempt ? accepted(attemptLost(turn), failed) : refused('turn_held', turn.turnId);
}
