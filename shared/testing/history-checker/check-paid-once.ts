import type { Evidence, ModelCall, Violation } from './history.ts';
import { type EventOf, endingOf, eventsOf, type RecordedTurn, recordedTurns, shownFact } from './recorded-turns.ts';

/** Wall clock against wall clock of one machine, as two processes read it. */
const CLOCK_TOLERANCE_MS = 50;

/**
 * R6, paid once: a model was called no more often than claims had announced by then; each announced call is accounted for by an event; a claim
 * is given up as lost only when its process died under it, so that a death costs at most one more call of a turn; workers are no more than
 * deaths and one.
 */
export function checkPaidOnce({ log, calls, killsAtMs }: Evidence): readonly Violation[] {
  const turns = recordedTurns(log);
  const workers = new Set(turns.flatMap((turn) => eventsOf(turn, 'TurnStarted').map(({ data }) => data.worker)));
  return [
    ...callsWithoutRecord(turns, calls),
    ...turns.flatMap(unaccounted),
    ...turns.flatMap((turn) => lostWithoutDeath(turn, killsAtMs)),
    ...(workers.size > killsAtMs.length + 1
      ? [
          {
            invariant: 'R6',
            sentence: `${workers.size} workers with ${killsAtMs.length} deaths`,
            evidence: [...workers],
          } as const,
        ]
      : []),
  ];
}

/** Each call takes one announcement that was recorded before it, of a turn that says the same as its last message. */
function callsWithoutRecord(turns: readonly RecordedTurn[], calls: readonly ModelCall[]): readonly Violation[] {
  const announced = new Map<string, { readonly turn: RecordedTurn; readonly atMs: number }[]>();
  for (const turn of turns) {
    const said = eventsOf(turn, 'TurnRequested')[0]?.data.text ?? '';
    const all = turn.facts.flatMap(({ at, event }) =>
      event.type === 'TurnStarted'
        ? event.data.calls.map(() => ({ turn, atMs: Date.parse(at.metadata.recordedAt ?? '') }))
        : [],
    );
    announced.set(
      said,
      [...(announced.get(said) ?? []), ...all].sort((a, b) => a.atMs - b.atMs),
    );
  }
  return [...calls]
    .sort((a, b) => a.atMs - b.atMs)
    .flatMap((call): readonly Violation[] => {
      const open = announced.get(call.messages.at(-1)?.content ?? '') ?? [];
      const index = open.findIndex(({ atMs }) => atMs <= call.atMs + CLOCK_TOLERANCE_MS);
      const [taken] = index < 0 ? [] : open.splice(index, 1);
      if (taken) return [];
      return [
        {
          invariant: 'R6',
          sentence: 'a model was called without a record of it',
          ...namesOf(open[0]?.turn),
          evidence: { atMs: call.atMs, said: call.messages.at(-1) },
        },
      ];
    });
}

/** Announced calls that no event names: what was paid for them is nowhere. */
function unaccounted(turn: RecordedTurn): readonly Violation[] {
  const ending = endingOf(turn);
  const ended = ending && 'attempt' in ending.data ? ending.data.attempt : undefined;
  const named = new Set<string>();
  for (const { event } of turn.facts)
    if ('callId' in event.data && event.data.callId !== undefined) named.add(event.data.callId);
  const announcedIds = eventsOf(turn, 'TurnStarted').flatMap(({ data }) => data.calls.map(({ callId }) => callId));
  const settled = eventsOf(turn, 'AttemptSettled').map(({ data }) => data.callId);
  return [
    ...eventsOf(turn, 'TurnStarted')
      .flatMap(({ data }) => (ended === data.attempt ? [] : data.calls.filter(({ callId }) => !named.has(callId))))
      .map(({ callId }) => violation(turn, 'an announced call is accounted for by no event', callId)),
    ...[...named]
      .filter((callId) => !announcedIds.includes(callId))
      .map((callId) => violation(turn, 'an event names a call that no claim announced', callId)),
    ...repeatedIn(announcedIds).map((callId) => violation(turn, 'a call was announced twice', callId)),
    ...repeatedIn(settled).map((callId) => violation(turn, 'a call was settled twice', callId)),
  ];
}

function lostWithoutDeath(turn: RecordedTurn, killsAtMs: readonly number[]): readonly Violation[] {
  const startedAtMs = new Map<number, number>();
  return turn.facts.flatMap(({ at, event }): readonly Violation[] => {
    if (event.type === 'TurnStarted') startedAtMs.set(event.data.attempt, at.loggedAtMs - CLOCK_TOLERANCE_MS);
    if (!isLost(event)) return [];
    const sinceMs = startedAtMs.get(event.data.attempt) ?? Number.POSITIVE_INFINITY;
    if (killsAtMs.some((atMs) => atMs >= sinceMs && atMs <= at.loggedAtMs + CLOCK_TOLERANCE_MS)) return [];
    return [
      violation(turn, 'an attempt was given up as lost though no process died under it', shownFact({ at, event })),
    ];
  });
}

const isLost = (event: RecordedTurn['facts'][number]['event']): event is EventOf<'TurnAttemptFailed'> =>
  event.type === 'TurnAttemptFailed' && event.data.code === 'worker_lost';

const repeatedIn = (ids: readonly string[]): readonly string[] => ids.filter((id, index) => ids.indexOf(id) !== index);

const namesOf = (turn: RecordedTurn | undefined) => (turn ? { turnId: turn.turnId, sessionId: turn.sessionId } : {});

const violation = (turn: RecordedTurn, sentence: string, evidence: unknown): Violation => ({
  invariant: 'R6',
  sentence,
  ...namesOf(turn),
  evidence,
});
