import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { Expected } from '../expected.ts';
import { turnOf } from './effective-history.ts';
import type { SessionEvent, SessionOutcome } from './events.ts';
import { revisionHolds } from './revision-holds.ts';
import type { SessionState } from './state.ts';

export interface EndSession {
  readonly outcome: SessionOutcome;
  readonly score?: number;
  readonly by: 'game' | 'player' | 'limit' | 'idle';
  /** Who is named as having cancelled the turn that was open, if one was. */
  readonly actor: string;
  /** What the player had already seen of the open turn's reply. */
  readonly partial?: string;
  /** The session's revision that the caller has seen; absent: no guard. */
  readonly expectedRevision?: Expected;
}

/** Closes a session to new turns; an open turn is cancelled in the same append, so that none is left behind. */
export function endSession(
  { actor, partial, expectedRevision, ...ending }: EndSession,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'session_not_found' | 'session_revision_mismatch'> {
  if (state.status === 'none') return refused('session_not_found');
  if (state.status === 'ended') {
    // A guarded request whose answer was lost finds the ending it asked for; somebody else's is not its own (RFC 9110, 13.1.1).
    const isOurs = state.ending?.outcome === ending.outcome && state.ending.score === ending.score;
    return isOurs || revisionHolds(expectedRevision, state) ? unchanged : refused('session_revision_mismatch');
  }
  if (!revisionHolds(expectedRevision, state)) return refused('session_revision_mismatch');
  const ended: SessionEvent<'plain'> = { type: 'SessionEnded', data: ending };
  const open = state.openTurnId === undefined ? undefined : turnOf(state, state.openTurnId);
  if (!open) return accepted(ended);
  return accepted(
    {
      type: 'TurnCancelled',
      data: {
        turnId: open.turnId,
        by: actor,
        reason: 'session_ended',
        ...(open.attempt > 0 && { attempt: open.attempt }),
        ...(partial !== undefined && { partial }),
      },
    },
    ended,
  );
}
