import { sessionStream, TurnledgerError } from '../../contracts/index.ts';
import {
  isEffective,
  newestStateTurn,
  newestTurnId,
  type SessionState,
  type TurnPlace,
  type TurnState,
  turnOf,
} from '../../domain/index.ts';
import type { AggregateStore } from './aggregate-store.ts';

type Sessions = Pick<AggregateStore<SessionState>, 'load'>;

/** A session as it stands, or as it stood for a fork of it. */
export interface SessionPoint {
  readonly sessionId: string;
  readonly state: SessionState;
}

/** A turn of a session's history. A fork's older turns are recorded in the sessions that it goes on from. */
export interface HistoryTurn {
  /** Where it is recorded. */
  readonly sessionId: string;
  readonly state: SessionState;
  readonly turn: TurnState;
  /** What was recorded of it after this revision is not known to the history. */
  readonly throughRevision: number;
}

/**
 * The turns through one of them that were history when it was asked, oldest first, at most the `count` newest; those that a fork began with
 * included, read from where they are recorded. `turnId` must be one of the session's own or of those it began with. Throws `store_unavailable`.
 */
export async function historyThroughTurn(
  sessions: Sessions,
  { sessionId, state }: SessionPoint,
  turnId: string | undefined,
  count = Number.POSITIVE_INFINITY,
): Promise<readonly HistoryTurn[]> {
  const found: HistoryTurn[] = [];
  const segments = [...state.lineage];
  let point = { sessionId, state, throughRevision: state.revision };
  for (let next = turnId; next !== undefined && found.length < count; ) {
    const turn = turnOf(point.state, next);
    if (turn) {
      found.push({ ...point, turn });
      next = turn.previousTurnId;
      continue;
    }
    const segment = segments.pop();
    if (!segment) throw new TurnledgerError('invariant_broken', { detail: `no session of a lineage has turn ${next}` });
    const { throughRevision } = segment;
    point = { sessionId: segment.sessionId, throughRevision, state: await stateOf(sessions, segment) };
  }
  return found.reverse();
}

/** All turns that a session began with, oldest first, those too that it has been rewound behind; none unless it is a fork. */
export const inheritedTurns = (sessions: Sessions, point: SessionPoint): Promise<readonly HistoryTurn[]> =>
  historyThroughTurn(sessions, point, point.state.lineage.at(-1)?.throughTurnId);

/**
 * The history of one of a session's turns, oldest first, with itself at the end; without one effective history as it is. Undefined for a turn
 * that is none of the session's. Throws `store_unavailable`.
 */
export async function historyAt(
  sessions: Sessions,
  point: SessionPoint,
  turnId: string | undefined,
): Promise<readonly HistoryTurn[] | undefined> {
  const { state } = point;
  if (turnId === undefined) return historyThroughTurn(sessions, point, newestTurnId(state));
  if (turnOf(state, turnId)) return historyThroughTurn(sessions, point, turnId);
  const inherited = await inheritedTurns(sessions, point);
  const last = inherited.findIndex(({ turn }) => turn.turnId === turnId);
  return last < 0 ? undefined : inherited.slice(0, last + 1);
}

/** The turn that brought the newest game state of effective history, perhaps in a session that this one goes on from. Throws `store_unavailable`. */
export async function newestStateIn(sessions: Sessions, point: SessionPoint): Promise<HistoryTurn | undefined> {
  const { state } = point;
  const own = newestStateTurn(state);
  if (own) return { ...point, turn: own, throughRevision: state.revision };
  const inherited = await historyThroughTurn(sessions, point, state.inherited?.turnId);
  return inherited.findLast(({ turn }) => turn.stateRev !== undefined);
}

/** The place of a turn that the session began with; undefined for any other. Throws `store_unavailable`. */
export async function inheritedPlace(
  sessions: Sessions,
  point: SessionPoint,
  turnId: string | undefined,
): Promise<TurnPlace | undefined> {
  if (turnId === undefined || point.state.lineage.length === 0 || turnOf(point.state, turnId)) return undefined;
  const found = (await inheritedTurns(sessions, point)).find(({ turn }) => turn.turnId === turnId);
  return found && { turnId, position: found.turn.position };
}

/** Whether a turn of its history counts for the session as it stands now, or has been rewound away by it. */
export const isKeptBy = ({ sessionId, state }: SessionPoint, past: HistoryTurn): boolean =>
  past.sessionId === sessionId ? isEffective(state, past.turn) : past.turn.position <= (state.inherited?.position ?? 0);

/** What this process knows of a parent may be older than the fork. */
async function stateOf(
  sessions: Sessions,
  { sessionId, throughRevision }: { readonly sessionId: string; readonly throughRevision: number },
): Promise<SessionState> {
  const stream = sessionStream(sessionId);
  const known = await sessions.load(stream, Number.POSITIVE_INFINITY);
  return known.revision >= throughRevision ? known : sessions.load(stream, 0);
}
