import type { SessionFact } from './recorded-turns.ts';

/**
 * Effective history by its definition, event by event, on a list that is copied each time: slow, and sharing nothing with the domain's own
 * fold. A rewind to a turn that is not in it changes nothing here; the life cycle is for R5 to judge.
 */
export function effectiveHistory(before: readonly string[], { event }: SessionFact): readonly string[] {
  if (event.type === 'TurnRequested') return [...before, event.data.turnId];
  if (event.type !== 'SessionRewound') return before;
  const { toTurnId } = event.data;
  if (toTurnId === undefined) return [];
  return before.includes(toTurnId) ? before.slice(0, before.indexOf(toTurnId) + 1) : before;
}

/** By turn, the turns that were effective history when it was asked, oldest first; of the events of one session. */
export function historyBefore(facts: readonly SessionFact[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let history: readonly string[] = [];
  for (const fact of facts) {
    if (fact.event.type === 'TurnRequested') found.set(fact.event.data.turnId, history);
    history = effectiveHistory(history, fact);
  }
  return found;
}
