import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import { historyThrough, turnOf } from './effective-history.ts';
import type { TurnPlace } from './ended-place.ts';
import type { LineageSegment, SessionEvent, SessionForked } from './events.ts';
import type { SessionState } from './state.ts';
import { isTerminal, type TurnState } from './turn-state.ts';

/** Where a fork is to begin: at a turn of a session, its own or one that it was forked with (`inherited`). */
export interface ForkPoint {
  readonly sessionId: string;
  readonly state: SessionState;
  readonly turnId: string;
  readonly inherited?: TurnPlace | undefined;
  /** How many stretches a lineage may have. */
  readonly maxSegments: number;
}

export type ForkRefusal = 'session_fork_limit' | 'turn_not_found' | 'turn_open';

/**
 * What a fork at that point has for a past: the session through that turn as it stands now, and before it the part of the session's own
 * lineage that led there. Any turn that has ended will do, also one that a rewind has cut. A turn that the session was forked with gives a
 * fork of the session that recorded it, which knows no more of it than this one does.
 */
export function lineageThrough({
  sessionId,
  state,
  turnId,
  inherited,
  maxSegments,
}: ForkPoint): readonly LineageSegment[] | ForkRefusal {
  const turn = turnOf(state, turnId);
  if (!turn) return inherited?.turnId === turnId ? cutLineage(state.lineage, inherited) : 'turn_not_found';
  if (!isTerminal(turn.status)) return 'turn_open';
  const lineage = state.lineage.length === 0 ? [] : lineageBefore(state, historyThrough(state, turn));
  if (lineage.length >= maxSegments) return 'session_fork_limit';
  const own = { sessionId, throughTurnId: turnId, throughPosition: turn.position, throughRevision: state.revision };
  return [...lineage, own];
}

/** A lineage as far as a turn of it. */
function cutLineage(lineage: readonly LineageSegment[], { turnId, position }: TurnPlace): readonly LineageSegment[] {
  const last = lineage.findIndex(({ throughPosition }) => throughPosition >= position);
  return lineage
    .slice(0, last + 1)
    .map((segment, index) =>
      index === last ? { ...segment, throughTurnId: turnId, throughPosition: position } : segment,
    );
}

/** The part of a session's lineage that led to its own turns of one history. */
function lineageBefore(
  { lineage }: SessionState,
  [first]: readonly Pick<TurnState, 'previousTurnId' | 'position'>[],
): readonly LineageSegment[] {
  if (first?.previousTurnId === undefined) return [];
  return cutLineage(lineage, { turnId: first.previousTurnId, position: first.position - 1 });
}

export type ForkSession = SessionForked<'plain'>['data'];

/** Opens a session as a fork; the same request again changes nothing, another request under its key is refused (rule 1). */
export function forkSession(
  command: ForkSession,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'idempotency_key_reused'> {
  if (state.status === 'none') return accepted({ type: 'SessionForked', data: command });
  return forkAgain(command, state);
}

/** What a request comes to whose key has opened a fork: its past is not looked at again, which may be rewound away by now. */
export const forkAgain = (
  { bodyHmac }: Pick<ForkSession, 'bodyHmac'>,
  state: SessionState,
): Decision<never, 'idempotency_key_reused'> =>
  state.bodyHmac === bodyHmac ? unchanged : refused('idempotency_key_reused');
