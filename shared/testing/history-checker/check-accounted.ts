import type { Evidence, Violation } from './history.ts';
import {
  type EventOf,
  eventsOf,
  isEnding,
  type RecordedTurn,
  recordedTurns,
  type SessionFact,
  shownFact,
} from './recorded-turns.ts';

/** Wall clock against wall clock of one machine, as two processes read it. */
const CLOCK_TOLERANCE_MS = 50;
/** How long after a turn's ending its worker may take to write down what it had spent. */
const SETTLED_WITHIN_MS = 2_000;

/**
 * R6, what was paid is in an event: every announced call is named by the event that accounts for it, or its process died before it could be;
 * an attempt is given up as lost only when a process died under it, so that a death costs a turn one more call at most, or by the worker that
 * claimed it and had made no call; and workers are no more than deaths and one.
 */
export function checkAccounted({ log, calls, killsAtMs, workersAtOnce = 1 }: Evidence): readonly Violation[] {
  const turns = recordedTurns(log);
  const made = new Set(calls.map(({ callId }) => callId));
  const workers = new Set(turns.flatMap((turn) => eventsOf(turn, 'TurnStarted').map(({ data }) => data.worker)));
  const sentence = `${workers.size} workers with ${killsAtMs.length} deaths`;
  const tooMany: Violation = { invariant: 'R6', sentence, evidence: [...workers] };
  return [
    ...turns.flatMap((turn) => [
      ...strangeCalls(turn),
      ...unaccounted(turn, killsAtMs),
      ...lostAlive(turn, killsAtMs, made),
    ]),
    ...(workers.size > killsAtMs.length + workersAtOnce ? [tooMany] : []),
  ];
}

const callIdOf = ({ event }: SessionFact): string | undefined =>
  'callId' in event.data ? event.data.callId : undefined;

/** Calls that are named and were not announced, announced twice, or settled twice. */
function strangeCalls(turn: RecordedTurn): readonly Violation[] {
  const announced = eventsOf(turn, 'TurnStarted').flatMap(({ data }) => data.calls.map(({ callId }) => callId));
  const settled = eventsOf(turn, 'AttemptSettled').map(({ data }) => data.callId);
  const named = turn.facts.flatMap((fact) => callIdOf(fact) ?? []);
  return [
    ...named
      .filter((callId) => !announced.includes(callId))
      .map((callId) => violation(turn, 'an event names a call that no claim announced', callId)),
    ...repeatedIn(announced).map((callId) => violation(turn, 'a call was announced twice', callId)),
    ...repeatedIn(settled).map((callId) => violation(turn, 'a call was settled twice', callId)),
  ];
}

/** Announced calls that no event names, though their process lived on until it should have written them down. */
function unaccounted(turn: RecordedTurn, killsAtMs: readonly number[]): readonly Violation[] {
  const endedAtMs = turn.facts.find(({ event }) => isEnding(event))?.at.loggedAtMs;
  const named = new Set(turn.facts.map(callIdOf));
  return turn.facts.flatMap(({ at, event }) => {
    if (event.type !== 'TurnStarted' || endedAtMs === undefined) return [];
    const untilMs = endedAtMs + SETTLED_WITHIN_MS;
    if (killsAtMs.some((atMs) => isWithin(atMs, at.loggedAtMs, untilMs))) return [];
    const lost = event.data.calls.filter(({ callId }) => !named.has(callId));
    return lost.map(({ callId }) => violation(turn, 'an announced call is accounted for by no event', callId));
  });
}

function lostAlive(turn: RecordedTurn, killsAtMs: readonly number[], made: ReadonlySet<string>): readonly Violation[] {
  return turn.facts.flatMap((fact, index): readonly Violation[] => {
    if (!isLost(fact.event)) return [];
    const { attempt } = fact.event.data;
    const claim = turn.facts
      .slice(0, index)
      .findLast(({ event }) => event.type === 'TurnStarted' && event.data.attempt === attempt);
    if (claim && isOwnAndUnused(claim, fact, made)) return [];
    const fromMs = claim?.at.loggedAtMs ?? Number.POSITIVE_INFINITY;
    if (killsAtMs.some((atMs) => isWithin(atMs, fromMs, fact.at.loggedAtMs))) return [];
    return [violation(turn, 'an attempt was given up as lost though no process died under it', shownFact(fact))];
  });
}

/** A store that is silent for long never answers the append of a claim: its worker finds it in the log afterwards, and begins anew. */
function isOwnAndUnused({ event }: SessionFact, { at }: SessionFact, made: ReadonlySet<string>): boolean {
  if (event.type !== 'TurnStarted' || at.metadata.actor !== `system:${event.data.worker}`) return false;
  return event.data.calls.every(({ callId }) => !made.has(callId));
}

const isWithin = (atMs: number, fromMs: number, untilMs: number): boolean =>
  atMs >= fromMs - CLOCK_TOLERANCE_MS && atMs <= untilMs + CLOCK_TOLERANCE_MS;

const isLost = (event: SessionFact['event']): event is EventOf<'TurnAttemptFailed'> =>
  event.type === 'TurnAttemptFailed' && event.data.code === 'worker_lost';

const repeatedIn = (ids: readonly string[]): readonly string[] => ids.filter((id, index) => ids.indexOf(id) !== index);

const violation = ({ turnId, sessionId }: RecordedTurn, sentence: string, evidence: unknown): Violation => ({
  invariant: 'R6',
  sentence,
  turnId,
  sessionId,
  evidence,
});
