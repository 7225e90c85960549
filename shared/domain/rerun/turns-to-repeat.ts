import { historyThrough, type SessionState, turnOf } from '../session/state.ts';
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
