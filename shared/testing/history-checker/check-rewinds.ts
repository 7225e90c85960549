import { v5 as uuidV5 } from 'uuid';
import { lengthPrefixed } from '../../trust/index.ts';
import { effectiveHistory, type Histories, historiesOf } from './effective-history.ts';
import { grouped } from './grouped.ts';
import type { Evidence, Violation } from './history.ts';
import { type Operation, operationsIn } from './operations.ts';
import { type SessionFact, sessionFacts, sessionIdOf, shownFact } from './recorded-turns.ts';

/** The rewind that a key asks for in a session (rule 1), by the rule's own words. */
export const rewindIdOfKey = (sessionId: string, key: string): string =>
  uuidV5(lengthPrefixed(['rewind', key]), sessionId);

/**
 * R1 and R12 of rewinds: what a client was told is done is in the log, once, with the target that it asked for, or there was nothing behind
 * the target; and no rewind is in the log that nobody asked for, or that was refused each time.
 */
export function checkRewinds({ history, log }: Evidence): readonly Violation[] {
  const asked = grouped(
    operationsIn(history).filter(({ op }) => op === 'rewind'),
    ({ key, invoke }) => rewindIdOfKey(invoke.value.sessionId ?? '', key),
  );
  const inOrder = sessionFacts(log);
  const sessions = grouped(inOrder, ({ at }) => sessionIdOf(at));
  const { atStart } = historiesOf(inOrder);
  return [
    ...[...asked].flatMap(([rewindId, tries]) => judgeTries(rewindId, tries, { sessions, atStart })),
    ...[...sessions.values()].flatMap((facts) => unasked(facts, asked)),
  ];
}

function judgeTries(
  rewindId: string,
  tries: readonly Operation[],
  {
    sessions,
    atStart,
  }: { readonly sessions: ReadonlyMap<string, readonly SessionFact[]>; readonly atStart: Histories['atStart'] },
): readonly Violation[] {
  const [first] = tries;
  const { sessionId = '', toTurnId } = first?.invoke.value ?? {};
  const facts = sessions.get(sessionId) ?? [];
  const done = facts.filter(({ event }) => event.type === 'SessionRewound' && event.data.rewindId === rewindId);
  const found = (invariant: Violation['invariant'], sentence: string): Violation => ({
    invariant,
    sentence,
    sessionId,
    evidence: { tries: tries.map(({ invoke, outcome }) => ({ invoke, outcome })), done: done.map(shownFact) },
  });
  if (done.length > 1) return [found('R12', `a key rewound a session ${done.length} times`)];
  if (done.some(({ event }) => event.type === 'SessionRewound' && event.data.toTurnId !== toTurnId))
    return [found('R1', 'a session was rewound to another turn than was asked')];
  const isAnswered = tries.some(({ outcome }) => outcome?.type === 'ok');
  if (isAnswered && done.length === 0 && !stoodAt(facts, toTurnId, atStart))
    return [found('R1', 'a rewind that a client was told of is not in the log')];
  return [];
}

/** Whether effective history once ended with that turn: then there was nothing to cut. */
function stoodAt(facts: readonly SessionFact[], turnId: string | undefined, atStart: Histories['atStart']): boolean {
  let history = atStart.get(facts[0]?.at.stream ?? '') ?? [];
  if (turnId === undefined) return true;
  return facts.some((fact) => {
    history = effectiveHistory(history, fact);
    return history.at(-1) === turnId;
  });
}

function unasked(
  facts: readonly SessionFact[],
  asked: ReadonlyMap<string, readonly Operation[]>,
): readonly Violation[] {
  return facts.flatMap((fact): readonly Violation[] => {
    const { event, at } = fact;
    if (event.type !== 'SessionRewound') return [];
    const tries = asked.get(event.data.rewindId) ?? [];
    if (tries.some(({ outcome }) => outcome?.type !== 'fail')) return [];
    const sentence =
      tries.length === 0
        ? 'a rewind is in the log that no client asked for'
        : 'a rewind is in the log though each try was refused';
    return [{ invariant: 'R1', sentence, sessionId: sessionIdOf(at), evidence: shownFact(fact) }];
  });
}
