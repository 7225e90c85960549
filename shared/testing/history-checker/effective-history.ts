import type { SessionFact } from './recorded-turns.ts';

/** Turns by their ids, oldest first. */
export type TurnIds = readonly string[];

/**
 * Effective history by its definition, event by event, on a list that is copied each time: slow, and sharing nothing with the domain's own
 * fold. A rewind to a turn that is not in it changes nothing here; the life cycle is for R5 to judge.
 */
export function effectiveHistory(before: TurnIds, { event }: SessionFact): TurnIds {
  if (event.type === 'TurnRequested') return [...before, event.data.turnId];
  if (event.type !== 'SessionRewound') return before;
  const { toTurnId } = event.data;
  if (toTurnId === undefined) return [];
  return before.includes(toTurnId) ? before.slice(0, before.indexOf(toTurnId) + 1) : before;
}

/** What was history when: by turn, when it was asked; by stream, when it began, which is nothing but for forks, and at the end. */
export interface Histories {
  readonly beforeTurn: ReadonlyMap<string, TurnIds>;
  readonly atStart: ReadonlyMap<string, TurnIds>;
  readonly atEnd: ReadonlyMap<string, TurnIds>;
}

/** The histories of a whole log, whose facts are in its order: what a fork goes on from stands before it. */
export function historiesOf(facts: readonly SessionFact[]): Histories {
  const beforeTurn = new Map<string, TurnIds>();
  const atStart = new Map<string, TurnIds>();
  const current = new Map<string, TurnIds>();
  for (const fact of facts) {
    const { event, at } = fact;
    if (event.type === 'SessionForked') {
      const through = event.data.lineage.at(-1)?.throughTurnId ?? '';
      atStart.set(at.stream, [...(beforeTurn.get(through) ?? []), through]);
    }
    const history = current.get(at.stream) ?? atStart.get(at.stream) ?? [];
    if (event.type === 'TurnRequested') beforeTurn.set(event.data.turnId, history);
    current.set(at.stream, effectiveHistory(history, fact));
  }
  return { beforeTurn, atStart, atEnd: current };
}
