import { inputOf, scenariosIn } from './expected-prompt.ts';
import { expectedSummaryData } from './expected-summary.ts';
import type { Evidence, LoggedEvent, ModelCall, Violation } from './history.ts';
import { eventsOf, type RecordedTurn, recordedTurns, sessionFacts, sessionIdOf } from './recorded-turns.ts';

/** Wall clock against wall clock of one machine, as two processes read it. */
const CLOCK_TOLERANCE_MS = 50;

/** A call that a claim announced: from when on it may be made, and what its last message says. */
interface Announcement {
  readonly turn: Pick<RecordedTurn, 'turnId' | 'sessionId'>;
  readonly fromMs: number;
  readonly said: string;
}

/**
 * R6, paid once: each call that reached a model came under an id that a claim had announced before, as the only one, and says last what its
 * turn was asked; and no turn announces more attempts than its scenario allows. What was announced without being made is no fault.
 */
export const checkPaidOnce = ({ log, calls }: Evidence): readonly Violation[] => [
  ...callsWithoutRecord(log, calls),
  ...overBudget(log),
];

function callsWithoutRecord(log: readonly LoggedEvent[], calls: readonly ModelCall[]): readonly Violation[] {
  const announced = new Map([...recordedTurns(log).flatMap(announcementsOf), ...summaryAnnouncements(log)]);
  const made = new Set<string>();
  return [...calls]
    .sort((a, b) => a.atMs - b.atMs)
    .flatMap((call): readonly Violation[] => {
      const { callId, atMs, messages } = call;
      const record = announced.get(callId);
      const said = messages.at(-1)?.content;
      const isFirst = !made.has(callId);
      made.add(callId);
      const isAnnounced = record !== undefined && record.fromMs <= atMs + CLOCK_TOLERANCE_MS && record.said === said;
      if (isAnnounced && isFirst) return [];
      const sentence = isFirst
        ? 'a model was called without a record of it'
        : 'a model was called twice for one record';
      return [{ invariant: 'R6', sentence, ...namesOf(record?.turn), evidence: { callId, atMs, said } }];
    });
}

function announcementsOf(turn: RecordedTurn): readonly (readonly [string, Announcement])[] {
  const [requested] = eventsOf(turn, 'TurnRequested');
  const said = (requested && inputOf(requested)) ?? '';
  return turn.facts.flatMap(({ at, event }) => {
    if (event.type !== 'TurnStarted') return [];
    const announcement = { turn, said, fromMs: Date.parse(at.metadata.recordedAt ?? '') };
    return event.data.calls.map(({ callId }) => [callId, announcement] as const);
  });
}

/** Of a summary the last message is what expectedSummaryData says; judged here, since no other check sees the calls. */
function summaryAnnouncements(log: readonly LoggedEvent[]): readonly (readonly [string, Announcement])[] {
  const said = expectedSummaryData(log);
  return sessionFacts(log).flatMap(({ at, event }) => {
    if (event.type !== 'SummaryStarted') return [];
    const { summaryId, throughTurnId: turnId, calls } = event.data;
    const turn = { turnId, sessionId: sessionIdOf(at) };
    const fromMs = Date.parse(at.metadata.recordedAt ?? '');
    return calls.map(({ callId }) => [callId, { turn, fromMs, said: said.get(summaryId) ?? '' }] as const);
  });
}

function overBudget(log: readonly LoggedEvent[]): readonly Violation[] {
  const scenarios = scenariosIn(log);
  return recordedTurns(log).flatMap((turn): readonly Violation[] => {
    const started = eventsOf(turn, 'TurnStarted');
    const version = started[0]?.data.prompt.scenarioVersion ?? 0;
    const budget = scenarios(turn.sessionId, version)?.retry.maxAttempts ?? Number.POSITIVE_INFINITY;
    if (started.length <= budget) return [];
    const sentence = `a turn announced ${started.length} attempts where its scenario allows ${budget}`;
    return [{ invariant: 'R6', sentence, ...namesOf(turn), evidence: started.map(({ data }) => data.attempt) }];
  });
}

const namesOf = (turn: Announcement['turn'] | undefined) =>
  turn ? { turnId: turn.turnId, sessionId: turn.sessionId } : {};
