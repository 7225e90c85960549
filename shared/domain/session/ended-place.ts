import { isEffective, turnOf } from './effective-history.ts';
import type { HistoryNode, InheritedHistory, SessionState } from './state.ts';
import { isTerminal } from './turn-state.ts';

/** A turn by its id and its place in a history. */
export type TurnPlace = InheritedHistory;

export type NoEndedPlace = 'turn_not_found' | 'turn_open' | 'turn_rewound';

/**
 * The place of a turn that has ended and is part of effective history, or why it is none. `inherited`: where the session was forked with that
 * turn, its place among those; the session's own events do not tell it.
 */
export function endedPlace(
  state: SessionState,
  turnId: string,
  inherited: TurnPlace | undefined,
): TurnPlace | NoEndedPlace {
  const turn = turnOf(state, turnId);
  if (!turn) {
    if (inherited?.turnId !== turnId) return 'turn_not_found';
    return inherited.position <= (state.inherited?.position ?? 0) ? inherited : 'turn_rewound';
  }
  if (!isTerminal(turn.status)) return 'turn_open';
  return isEffective(state, turn) ? { turnId, position: turn.position } : 'turn_rewound';
}

/** The newest turn of effective history that has ended, perhaps one that the session was forked with. */
export function newestEnded(state: SessionState): TurnPlace | undefined {
  for (let node: HistoryNode | undefined = state.history; node; node = node.previous) {
    const turn = turnOf(state, node.turnId);
    if (turn && isTerminal(turn.status)) return { turnId: turn.turnId, position: turn.position };
  }
  return state.inherited;
}
