import type { SessionState } from './state.ts';
import { findTurn } from './turn-index.ts';
import type { TurnState } from './turn-state.ts';

export const turnOf = (state: SessionState, turnId: string): TurnState | undefined => findTurn(state.turns, turnId);

/** How many turns effective history has, inherited ones too. */
export const historyLength = ({ history, inherited }: SessionState): number =>
  history?.length ?? inherited?.position ?? 0;

/** The newest turn of effective history, perhaps an inherited one; undefined before the first. */
export const newestTurnId = ({ history, inherited }: SessionState): string | undefined =>
  history?.turnId ?? inherited?.turnId;

/** Every turn that was ever asked for, in that order, those that a rewind has cut too. */
export const allTurns = ({ turns }: SessionState): readonly TurnState[] =>
  turns.branches
    .flatMap((leaves) => leaves?.flatMap((leaf) => leaf ?? []) ?? [])
    .sort((one, other) => one.requestedRevision - other.requestedRevision);

/**
 * Whether a turn is part of effective history, or stands in a stretch that a rewind has cut. Walks back to the turn's place: at most as many
 * steps as the session has turns.
 */
export function isEffective({ history }: SessionState, { turnId, position }: TurnState): boolean {
  let node = history;
  while (node && node.length > position) node = node.previous;
  return node?.turnId === turnId;
}

/**
 * The session's own turns that were history when that one was asked, oldest first, and itself; also of one that has been cut since. What was
 * before the first of them is recorded elsewhere.
 */
export function historyThrough(state: SessionState, last: TurnState): readonly TurnState[] {
  const found: TurnState[] = [];
  for (
    let turn: TurnState | undefined = last;
    turn;
    turn = turn.previousTurnId === undefined ? undefined : turnOf(state, turn.previousTurnId)
  )
    found.push(turn);
  return found.reverse();
}
