import { inputOf } from './expected-prompt.ts';
import type { Evidence, Violation } from './history.ts';
import { type Operation, operationsIn, turnIdAsked, turnIdOfKey } from './operations.ts';
import {
  endingOf,
  eventsOf,
  type RecordedTurn,
  recordedTurns,
  sessionFacts,
  sessionIdOf,
  shownFact,
  statusOfEnding,
} from './recorded-turns.ts';

const terminal = new Set<string>(Object.values(statusOfEnding));

/**
 * R1, acknowledged is durable: each answer about a turn rests on exactly one TurnRequested with the words that were asked, an ending that
 * a client was told is in the log, a cancel that was confirmed cancelled, a session that was opened is there; and no turn is in the log that
 * nobody asked for, or that was refused each time.
 */
export function checkAcknowledged({ history, log }: Evidence): readonly Violation[] {
  const operations = operationsIn(history);
  const turns = new Map(recordedTurns(log).map((turn) => [turn.turnId, turn]));
  const started = sessionFacts(log).flatMap(({ at, event }) =>
    event.type === 'SessionStarted' ? [sessionIdOf(at)] : [],
  );
  return [
    ...operations.flatMap((operation) => judgeAnswer(operation, turns, started)),
    ...unasked(operations, [...turns.values()]),
  ];
}

function judgeAnswer(
  operation: Operation,
  turns: ReadonlyMap<string, RecordedTurn>,
  started: readonly string[],
): readonly Violation[] {
  const { op, invoke, outcome } = operation;
  if (outcome?.type !== 'ok') return [];
  const { sessionId, turnId: answeredTurnId, status } = outcome.value;
  if (op === 'start_session') {
    const count = started.filter((one) => one === sessionId).length;
    return count === 1 ? [] : [violation(operation, `an opened session has ${count} SessionStarted`)];
  }
  const turnId = turnIdAsked(operation);
  if (turnId === undefined) return [];
  if (op === 'turn' && answeredTurnId !== turnId)
    return [violation(operation, 'the answer names another turn than its key does')];
  const turn = turns.get(turnId);
  const requests = turn ? eventsOf(turn, 'TurnRequested') : [];
  if (requests.length !== 1) return [violation(operation, `an answered turn has ${requests.length} TurnRequested`)];
  const found: Violation[] = [];
  if (op === 'turn' && requests[0] && inputOf(requests[0]) !== invoke.value.prompt) {
    found.push(violation(operation, 'an answered turn does not hold the words that were asked'));
  }
  const ending = turn && endingOf(turn);
  const recorded = ending && statusOfEnding[ending.type];
  const told = op === 'cancel' ? 'cancelled' : status;
  if (told !== undefined && terminal.has(told) && told !== recorded) {
    found.push(violation(operation, `a client was told ${told}, the log says ${recorded ?? 'open'}`));
  }
  return found;
}

/** Turns without an invoke, and turns whose every try was refused. */
function unasked(operations: readonly Operation[], turns: readonly RecordedTurn[]): readonly Violation[] {
  const tries = new Map<string, Operation[]>();
  for (const operation of operations.filter(({ op }) => op === 'turn')) {
    const turnId = turnIdOfKey(operation.invoke.value.sessionId ?? '', operation.key);
    tries.set(turnId, [...(tries.get(turnId) ?? []), operation]);
  }
  return turns.flatMap(({ turnId, sessionId, facts }) => {
    const asked = tries.get(turnId) ?? [];
    if (asked.some(({ outcome }) => outcome?.type !== 'fail')) return [];
    const sentence =
      asked.length === 0
        ? 'a turn is in the log that no client asked for'
        : 'a turn is in the log though each try was refused';
    return [{ invariant: 'R1', sentence, turnId, sessionId, evidence: facts.map(shownFact) }];
  });
}

const violation = (operation: Operation, sentence: string): Violation => ({
  invariant: 'R1',
  sentence,
  ...turnOfAnswer(operation),
  evidence: { invoke: operation.invoke, outcome: operation.outcome },
});

function turnOfAnswer(operation: Operation): { turnId?: string; sessionId?: string } {
  const turnId = turnIdAsked(operation);
  const sessionId = operation.invoke.value.sessionId ?? operation.outcome?.value.sessionId;
  return { ...(turnId !== undefined && { turnId }), ...(sessionId !== undefined && { sessionId }) };
}
