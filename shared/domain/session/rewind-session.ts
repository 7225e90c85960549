import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { Expected } from '../expected.ts';
import { newestTurnId } from './effective-history.ts';
import { endedPlace, type TurnPlace } from './ended-place.ts';
import type { SessionEvent } from './events.ts';
import { revisionHolds } from './revision-holds.ts';
import type { SessionState } from './state.ts';

export interface RewindSession {
  /** Derived from the request's key. */
  readonly rewindId: string;
  /** The last turn to keep; absent: none. */
  readonly toTurnId?: string;
  /** The target's place where the session was forked with that turn. */
  readonly inherited?: TurnPlace;
  readonly by: string;
  readonly reason?: string;
  readonly bodyHmac: string;
  readonly maxRewinds: number;
  /** The session's revision that the caller has seen; absent: no guard. */
  readonly expectedRevision?: Expected;
}

export type RewindSessionRefusal =
  | 'idempotency_key_reused'
  | 'session_not_found'
  | 'session_revision_mismatch'
  | 'session_rewind_limit'
  | 'turn_not_found'
  | 'turn_open'
  | 'turn_rewound';

/**
 * Takes a session back to a turn of its effective history that has ended, or to before its first: what came after is cut, an ending of the
 * session included, and nothing is deleted. Refused while a turn is open. Where nothing comes after the target, nothing changes.
 */
export function rewindSession(
  { maxRewinds, expectedRevision, inherited, ...rewind }: RewindSession,
  state: SessionState,
): Decision<SessionEvent<'plain'>, RewindSessionRefusal> {
  if (state.status === 'none') return refused('session_not_found');
  const known = state.rewinds.find(({ rewindId }) => rewindId === rewind.rewindId);
  if (known) return known.bodyHmac === rewind.bodyHmac ? unchanged : refused('idempotency_key_reused');
  if (!revisionHolds(expectedRevision, state)) return refused('session_revision_mismatch');
  const { openTurnId } = state;
  if (openTurnId !== undefined) return refused('turn_open', openTurnId);
  const { toTurnId } = rewind;
  const target = toTurnId === undefined ? undefined : endedPlace(state, toTurnId, inherited);
  if (typeof target === 'string') return refused(target, target === 'turn_rewound' ? toTurnId : undefined);
  if (newestTurnId(state) === toTurnId && state.status === 'open') return unchanged;
  if (state.rewinds.length >= maxRewinds) return refused('session_rewind_limit');
  return accepted({ type: 'SessionRewound', data: { ...rewind, toPosition: target?.position ?? 0 } });
}
