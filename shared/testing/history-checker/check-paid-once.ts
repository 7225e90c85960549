import { inputOf, scenariosIn } from './expected-prompt.ts';
import type { Evidence, LoggedEvent, ModelCall, Violation } from './history.ts';
import { eventsOf, isEnding, type RecordedTurn, recordedTurns } from './recorded-turns.ts';

/** Wall clock against wall clock of one machine, as two processes read it. */
const CLOCK_TOLERANCE_MS = 50;
/** How late the model's side may notice a call whose attempt was over before the answer. */
const NOTICED_WITHIN_MS = 500;

/** A call that a claim announced, and when it may be made: from the claim to the end of its attempt. */
interface Announcement {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * R6, paid once: each call that reached a model takes one announcement of its own, recorded before it, of a turn that says what its last
 * message says; and no turn announces more attempts than its scenario allows. What was announced without being made is no fault.
 */
export const checkPaidOnce = ({ log, calls, killsAtMs }: Evidence): readonly Violation[] => [
  ...callsWithoutRecord(recordedTurns(log), calls, killsAtMs),
  ...overBudget(log),
];

function callsWithoutRecord(
  turns: readonly RecordedTurn[],
  calls: readonly ModelCall[],
  killsAtMs: readonly number[],
): readonly Violation[] {
  const announced = new Map<string, Announcement[]>();
  const sayingSo = new Map<string, RecordedTurn>();
  for (const turn of turns) {
    const [requested] = eventsOf(turn, 'TurnRequested');
    const said = (requested && inputOf(requested)) ?? '';
    announced.set(said, [...(announced.get(said) ?? []), ...announcementsOf(turn, killsAtMs)]);
    sayingSo.set(said, turn);
  }
  const inOrder = [...calls].sort((a, b) => a.atMs - b.atMs);
  return inOrder.flatMap(({ atMs, messages }): readonly Violation[] => {
    const said = messages.at(-1);
    const open = announced.get(said?.content ?? '') ?? [];
    // The newest claim that fits: a call that a lost attempt never made must not pay for one that a later attempt made twice.
    const index = open.findLastIndex(
      ({ fromMs, untilMs }) => fromMs <= atMs + CLOCK_TOLERANCE_MS && atMs <= untilMs + NOTICED_WITHIN_MS,
    );
    if (open.splice(index < 0 ? open.length : index, 1).length > 0) return [];
    const sentence = 'a model was called without a record of it';
    return [{ invariant: 'R6', sentence, ...namesOf(sayingSo.get(said?.content ?? '')), evidence: { atMs, said } }];
  });
}

/** An attempt is over with its own ending, or with the process it died with. */
function announcementsOf(turn: RecordedTurn, killsAtMs: readonly number[]): readonly Announcement[] {
  return turn.facts.flatMap(({ at, event }, index) => {
    if (event.type !== 'TurnStarted') return [];
    const fromMs = Date.parse(at.metadata.recordedAt ?? '');
    const over = turn.facts
      .slice(index + 1)
      .find((fact) => fact.event.type === 'TurnAttemptFailed' || isEnding(fact.event));
    const isLost = over?.event.type === 'TurnAttemptFailed' && over.event.data.code === 'worker_lost';
    const deathsAtMs = isLost ? killsAtMs.filter((atMs) => atMs >= fromMs - CLOCK_TOLERANCE_MS) : [];
    const window = { fromMs, untilMs: Math.min(over?.at.loggedAtMs ?? Number.POSITIVE_INFINITY, ...deathsAtMs) };
    return event.data.calls.map(() => window);
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

const namesOf = (turn: RecordedTurn | undefined) => (turn ? { turnId: turn.turnId, sessionId: turn.sessionId } : {});
