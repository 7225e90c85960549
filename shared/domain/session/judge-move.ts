import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { Expected } from '../expected.ts';
import { turnOf } from './effective-history.ts';
import type { MoveVerdict, SessionEvent } from './events.ts';
import { revisionHolds } from './revision-holds.ts';
import type { SessionState } from './state.ts';
import type { MoveStanding } from './turn-state.ts';

export interface JudgeMove {
  readonly turnId: string;
  readonly verdict: MoveVerdict<'plain'>;
  /** The reason that the log has for a rejection of this move, opened by the caller: folded state holds no text. */
  readonly recordedReason?: string | null;
  /** The session's revision that the caller has seen; absent: no guard. */
  readonly expectedRevision?: Expected;
}

export type JudgeMoveRefusal =
  | 'turn_not_found'
  | 'turn_without_move'
  | 'move_already_judged'
  | 'session_revision_mismatch';

/**
 * Records what the game made of a move, once for each completed turn that has one, also after the session has ended. The same verdict again
 * changes nothing; another one is refused: a game that changes its mind has told the character otherwise already.
 */
export function judgeMove(
  { turnId, verdict, recordedReason, expectedRevision }: JudgeMove,
  state: SessionState,
): Decision<SessionEvent<'plain'>, JudgeMoveRefusal> {
  const turn = turnOf(state, turnId);
  if (!turn) return refused('turn_not_found');
  if (!turn.move) return refused('turn_without_move', turnId);
  if (turn.move.verdict !== 'none')
    return isSame(turn.move, verdict, recordedReason) ? unchanged : refused('move_already_judged', turnId);
  if (!revisionHolds(expectedRevision, state)) return refused('session_revision_mismatch', turnId);
  return verdict.verdict === 'accepted'
    ? accepted({ type: 'MoveAccepted', data: { turnId, stateRev: verdict.stateRev } })
    : accepted({ type: 'MoveRejected', data: { turnId, reason: verdict.reason } });
}

const isSame = (
  standing: MoveStanding,
  verdict: MoveVerdict<'plain'>,
  recordedReason: string | null | undefined,
): boolean =>
  verdict.verdict === 'accepted'
    ? standing.verdict === 'accepted' && standing.stateRev === verdict.stateRev
    : standing.verdict === 'rejected' && recordedReason === verdict.reason;
