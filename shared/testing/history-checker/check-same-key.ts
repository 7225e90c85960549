import { historiesOf } from './effective-history.ts';
import { inputOf } from './expected-prompt.ts';
import type { Evidence, HistoryValue, Violation } from './history.ts';
import { type Operation, operationsIn, turnIdAsked } from './operations.ts';
import {
  type EndingEvent,
  endingOf,
  eventsOf,
  type RecordedTurn,
  recordedTurns,
  sessionFacts,
  statusOfEnding,
} from './recorded-turns.ts';

/**
 * R12, same key, same answer: whatever answers about a turn say of its ending is what the log says, so that all of them agree; what was
 * answered once is not refused later, but for a turn that was rewound away; the same words under a key are never refused as another body, other words always are; and a key
 * opens one session.
 */
export function checkSameKey({ history, log }: Evidence): readonly Violation[] {
  const operations = operationsIn(history);
  const turns = new Map(recordedTurns(log).map((turn) => [turn.turnId, turn]));
  return [
    ...operations.flatMap((operation) => judge(operation, turns)),
    ...refusedLater(operations, turns, cutTurns(log)),
    ...sessionsPerKey(operations),
  ];
}

/** Every turn that a rewind has cut. */
function cutTurns(log: Evidence['log']): ReadonlySet<string> {
  const facts = sessionFacts(log);
  const { atEnd } = historiesOf(facts);
  const requested = facts.flatMap(({ event, at }) =>
    event.type === 'TurnRequested' ? [{ turnId: event.data.turnId, stream: at.stream }] : [],
  );
  return new Set(
    requested.filter(({ turnId, stream }) => !atEnd.get(stream)?.includes(turnId)).map(({ turnId }) => turnId),
  );
}

/** Turns that were answered once and refused to the same words, or to a reader, later. */
function refusedLater(
  operations: readonly Operation[],
  turns: ReadonlyMap<string, RecordedTurn>,
  cut: ReadonlySet<string>,
): readonly Violation[] {
  const answeredAt = new Map<string, number>();
  return operations.flatMap((operation): readonly Violation[] => {
    const { op, invoke, outcome } = operation;
    const turnId = turnIdAsked(operation) ?? '';
    const turn = turns.get(turnId);
    if (!turn || !outcome || op === 'cancel') return [];
    const since = answeredAt.get(turnId);
    if (outcome.type === 'ok' && since === undefined) answeredAt.set(turnId, outcome.t);
    const isCut = outcome.value.code === 'turn_rewound' && cut.has(turnId);
    const isRefused = outcome.type === 'fail' && outcome.value.code !== 'idempotency_key_reused' && !isCut;
    if (!isRefused || since === undefined || since >= invoke.t) return [];
    return [violation(operation, turn, `a turn that had been answered was refused with ${outcome.value.code}`)];
  });
}

function judge(operation: Operation, turns: ReadonlyMap<string, RecordedTurn>): readonly Violation[] {
  const { op, invoke, outcome } = operation;
  const turn = turns.get(turnIdAsked(operation) ?? '');
  if (!turn || !outcome) return [];
  const [requested] = eventsOf(turn, 'TurnRequested');
  const asked = requested && inputOf(requested);
  const isOtherBody = op === 'turn' && asked !== invoke.value.prompt;
  const isRefusedAsOther = outcome.value.code === 'idempotency_key_reused';
  if (isOtherBody && outcome.type !== 'unknown' && !isRefusedAsOther)
    return [violation(operation, turn, 'other words under a used key were not refused')];
  if (!isOtherBody && isRefusedAsOther)
    return [violation(operation, turn, 'the same words under a key were refused as others')];
  if (outcome.type !== 'ok') return [];
  const ending = endingOf(turn);
  if (!ending || outcome.value.status !== statusOfEnding[ending.type]) return [];
  return differencesFrom(ending, outcome.value).map((name) =>
    violation(operation, turn, `an answer has another ${name} than the log`),
  );
}

/** The members of an answer that are not what the ending recorded. */
function differencesFrom(ending: EndingEvent, { reply, fallback, shown, attempts }: HistoryValue): readonly string[] {
  const recorded =
    ending.type === 'TurnCompleted'
      ? ending.data.reply
      : ending.type === 'TurnCancelled'
        ? (ending.data.partial ?? null)
        : null;
  const spoken = 'fallback' in ending.data ? (ending.data.fallback ?? null) : null;
  const wasNewest = shown !== undefined && shown.attempt === attempts;
  return [
    ...(reply !== undefined && reply !== recorded ? ['reply'] : []),
    ...(fallback !== undefined && fallback !== spoken ? ['fallback line'] : []),
    ...(ending.type === 'TurnCompleted' && wasNewest && !(recorded ?? '').startsWith(shown.text)
      ? ['streamed text']
      : []),
  ];
}

function sessionsPerKey(operations: readonly Operation[]): readonly Violation[] {
  const opened = new Map<string, Operation>();
  return operations.flatMap((operation): readonly Violation[] => {
    const { op, key, outcome } = operation;
    if (op !== 'start_session' || outcome?.type !== 'ok') return [];
    const before = opened.get(key);
    opened.set(key, operation);
    if (!before || before.outcome?.value.sessionId === outcome.value.sessionId) return [];
    return [{ invariant: 'R12', sentence: 'a key opened two sessions', evidence: [before.outcome, outcome] }];
  });
}

const violation = (
  { invoke, outcome }: Operation,
  { turnId, sessionId }: RecordedTurn,
  sentence: string,
): Violation => ({
  invariant: 'R12',
  sentence,
  turnId,
  sessionId,
  evidence: { invoke, outcome },
});
