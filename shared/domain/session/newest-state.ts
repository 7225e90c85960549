import { turnOf } from './effective-history.ts';
import type { SessionState } from './state.ts';
import type { TurnState } from './turn-state.ts';

/** A turn that brought a game state, with the game's own number of it. */
export type TurnWithState = TurnState & { readonly stateRev: number };

/**
 * The turn of effective history that brought its newest game state, of those asked for before a revision; undefined where none did. The open
 * turn counts. At most as many steps as the session has turns.
 */
export function newestStateTurn(
  session: SessionState,
  beforeRevision: number = Number.POSITIVE_INFINITY,
): TurnWithState | undefined {
  for (let node = session.history; node; node = node.previous) {
    const turn = turnOf(session, node.turnId);
    if (turn && bringsState(turn) && turn.requestedRevision < beforeRevision) return turn;
  }
  return undefined;
}

const bringsState = (turn: TurnState): turn is TurnWithState => turn.stateRev !== undefined;
