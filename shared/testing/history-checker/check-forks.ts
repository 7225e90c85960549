import { v5 as uuidV5 } from 'uuid';
import { lengthPrefixed } from '../../trust/index.ts';
import { grouped } from './grouped.ts';
import type { Evidence, Violation } from './history.ts';
import { type Operation, operationsIn } from './operations.ts';
import { type SessionFact, sessionFacts, sessionIdOf, shownFact } from './recorded-turns.ts';

/** The fork that a key asks for of a session (rule 1), by the rule's own words. */
export const forkIdOfKey = (sessionId: string, key: string): string => uuidV5(lengthPrefixed(['fork', key]), sessionId);

/**
 * R1 and R12 of forks: one that a client was told of is in the log, once, and goes on from the turn that was asked; each names a past that the
 * log holds, by the hash of its last event; and no fork is in the log that nobody asked for, or that was refused each time.
 */
export function checkForks({ history, log }: Evidence): readonly Violation[] {
  const asked = grouped(
    operationsIn(history).filter(({ op }) => op === 'fork'),
    ({ key, invoke }) => forkIdOfKey(invoke.value.sessionId ?? '', key),
  );
  const forks = grouped(
    sessionFacts(log).filter(({ event }) => event.type === 'SessionForked'),
    ({ at }) => sessionIdOf(at),
  );
  const hashes = new Map(log.map(({ stream, revision, metadata }) => [`${stream}@${revision}`, metadata.hash]));
  return [
    ...[...asked].flatMap(([forkId, tries]) => judgeTries(forkId, tries, forks.get(forkId) ?? [])),
    ...[...forks].flatMap(([forkId, facts]) =>
      facts.flatMap((fact) => judgeFork(fact, asked.get(forkId) ?? [], hashes)),
    ),
  ];
}

function judgeTries(forkId: string, tries: readonly Operation[], facts: readonly SessionFact[]): readonly Violation[] {
  const found = (invariant: Violation['invariant'], sentence: string): Violation => ({
    invariant,
    sentence,
    sessionId: forkId,
    evidence: { tries: tries.map(({ invoke, outcome }) => ({ invoke, outcome })), forks: facts.map(shownFact) },
  });
  const answers = tries.flatMap(({ outcome }) => (outcome?.type === 'ok' ? [outcome.value.sessionId] : []));
  if (answers.some((sessionId) => sessionId !== forkId))
    return [found('R1', 'the answer names another fork than its key')];
  if (facts.length > 1) return [found('R12', `a key forked a session ${facts.length} times`)];
  if (answers.length > 0 && facts.length === 0)
    return [found('R1', 'a fork that a client was told of is not in the log')];
  return [];
}

function judgeFork(
  fact: SessionFact,
  tries: readonly Operation[],
  hashes: ReadonlyMap<string, string | undefined>,
): readonly Violation[] {
  const { event, at } = fact;
  if (event.type !== 'SessionForked') return [];
  const found = (invariant: Violation['invariant'], sentence: string): readonly Violation[] => [
    { invariant, sentence, sessionId: sessionIdOf(at), evidence: shownFact(fact) },
  ];
  if (tries.length === 0) return found('R1', 'a fork is in the log that no client asked for');
  if (tries.every(({ outcome }) => outcome?.type === 'fail'))
    return found('R1', 'a fork is in the log though each try was refused');
  const last = event.data.lineage.at(-1);
  if (last?.throughTurnId !== tries[0]?.invoke.value.turnId)
    return found('R1', 'a fork goes on from another turn than was asked');
  if (hashes.get(`session-${last?.sessionId}@${last?.throughRevision}`) !== event.data.parentHash)
    return found('R5', 'a fork names a past that is not in the log');
  return [];
}
