import { historyThrough, turnOf } from '../session/effective-history.ts';
import type { SessionState } from '../session/state.ts';
import type { TurnState } from '../session/turn-state.ts';

/**
 * The turns of a session that a re-run asks again, oldest first: its own on the way to one of them, itself included, that were answered, failed
 * or timed out. One that was cancelled has no answer to compare with. Recorded history never changes, so this is the same at every call; none
 * for a turn that is not the session's own.
 */
export function turnsToRepeat(state: SessionState, throughTurnId: string): readonly TurnState[] {
  const last = turnOf(state, throughTurnId);
  if (!last) return [];
  return historyThrough(state, last).filter(({ status }) => isRepeatable.has(status));
}

const isRepeatable: ReadonlySet<TurnState['status']> = new Set(['completed', 'failed', 'timed_out'] as const);

/**
 * Where the new answers carry on: the turns to ask again, with those between them that were cancelled. Those are part of what was said as they
 * stand, so that the history of the next is the recorded one as long as its answers are.
 */
export function turnsToCarryOn(state: SessionState, toRepeat: readonly TurnState[]): readonly TurnState[] {
  const [first, last] = [toRepeat[0], toRepeat.at(-1)];
  if (!first || !last) return [];
  const asked = new Set(toRepeat.map(({ turnId }) => turnId));
  const history = historyThrough(state, last);
  const begin = history.findIndex(({ turnId }) => turnId === first.turnId);
  // One that was cancelled right before the first belongs to it: an earlier run may not have come to it.
  const cancelledBefore = history.slice(0, begin).findLastIndex(({ status }) => status !== 'cancelled') + 1;
  const isBegun =
    cancelledBefore > 0 && history.slice(0, cancelledBefore).some(({ status }) => isRepeatable.has(status));
  return history
    .slice(isBegun ? cancelledBefore : begin)
    .filter(({ turnId, status }) => asked.has(turnId) || status === 'cancelled');
}
