import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { Expected } from '../expected.ts';
import type { SessionEvent } from './events.ts';
import { revisionHolds } from './revision-holds.ts';
import type { SessionState } from './state.ts';

export interface ReconfigureSession {
  /** A version of the session's own scenario, which the caller knows to be there. */
  readonly scenarioVersion: number;
  readonly reason?: string;
  /** The session's revision that the caller has seen; absent: no guard. */
  readonly expectedRevision?: Expected;
}

/** Has the session's next turns played under another version; a turn that is open goes on as it is. The same version again changes nothing. */
export function reconfigureSession(
  { expectedRevision, ...change }: ReconfigureSession,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'session_not_found' | 'session_ended' | 'session_revision_mismatch'> {
  if (state.status === 'none') return refused('session_not_found');
  if (state.status === 'ended') return refused('session_ended');
  // Before the guard: a guarded request whose answer was lost has already succeeded (RFC 9110, 13.1.1).
  if (state.scenarioVersion === change.scenarioVersion) return unchanged;
  if (!revisionHolds(expectedRevision, state)) return refused('session_revision_mismatch');
  return accepted({ type: 'SessionReconfigured', data: change });
}
