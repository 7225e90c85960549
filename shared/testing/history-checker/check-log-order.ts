import { firstBrokenLink } from '../../trust/index.ts';
import { effectiveHistory, historiesOf, type TurnIds } from './effective-history.ts';
import { grouped } from './grouped.ts';
import type { Evidence, LoggedEvent, Violation } from './history.ts';
import { isEnding, type SessionFact, sessionFacts, sessionIdOf, shownFact } from './recorded-turns.ts';

/**
 * R5 (first half): the log is in order. Positions rise, no event is there twice, each stream counts its revisions from 0 and its hash chain
 * holds; and every session's events follow the life cycle: one open turn at a time, attempts counted from 1, endings by the newest attempt.
 */
export function checkLogOrder({ log }: Evidence): readonly Violation[] {
  const streams = grouped(log, ({ stream }) => stream);
  const facts = sessionFacts(log);
  const sessions = grouped(facts, ({ at }) => at.stream);
  const { atStart } = historiesOf(facts);
  return [
    ...repeated(log),
    ...[...streams.values()].flatMap(checkStream),
    ...[...sessions].flatMap(([stream, own]) => checkLifeCycle(own, atStart.get(stream) ?? [])),
  ];
}

const shown = (event: LoggedEvent) => ({
  position: String(event.position),
  revision: event.revision,
  type: event.type,
  stream: event.stream,
});

function repeated(log: readonly LoggedEvent[]): readonly Violation[] {
  const ids = new Set<string>();
  return log.flatMap((event, index): readonly Violation[] => {
    const before = log[index - 1];
    const isTwice = ids.has(event.eventId);
    ids.add(event.eventId);
    return [
      ...(isTwice
        ? [{ invariant: 'R5', sentence: 'an event is in the log twice', evidence: shown(event) } as const]
        : []),
      ...(before && before.position >= event.position
        ? [{ invariant: 'R5', sentence: 'positions do not rise', evidence: [before, event].map(shown) } as const]
        : []),
    ];
  });
}

function checkStream(events: readonly LoggedEvent[]): readonly Violation[] {
  const gap = events.find((event, index) => event.revision !== index);
  if (gap)
    return [
      { invariant: 'R5', sentence: "a stream's revisions are not in order", ...sessionOf(gap), evidence: shown(gap) },
    ];
  const broken = firstBrokenLink(events);
  const event = broken === undefined ? undefined : events[broken];
  return event
    ? [{ invariant: 'R5', sentence: "a stream's hash chain is broken", ...sessionOf(event), evidence: shown(event) }]
    : [];
}

const sessionOf = (event: LoggedEvent) =>
  event.stream.startsWith('session-') ? { sessionId: sessionIdOf(event) } : {};

/** Walks one session by the drawing of the life cycle, not by the domain's own fold. */
function checkLifeCycle(facts: readonly SessionFact[], historyAtStart: TurnIds): readonly Violation[] {
  let open: { readonly turnId: string; attempt: number; isHeld: boolean } | undefined;
  let history = historyAtStart;
  const ended = new Set<string>();
  const completed = new Set<string>();
  const found: Violation[] = [];
  for (const [index, fact] of facts.entries()) {
    const { event, at } = fact;
    const wrong = (sentence: string) =>
      found.push({
        invariant: 'R5',
        sentence,
        sessionId: sessionIdOf(at),
        ...('turnId' in event.data && { turnId: event.data.turnId }),
        evidence: shownFact(fact),
      });
    if ((event.type === 'SessionStarted' || event.type === 'SessionForked') !== (index === 0))
      wrong('a session does not begin with SessionStarted or SessionForked, once');
    if (event.type === 'RerunSessionStarted' || event.type === 'TurnReused') {
      wrong('an event of a re-run stands in a session of a player');
      continue;
    }
    if (event.type === 'SessionRewound') {
      const { toTurnId, toPosition } = event.data;
      if (open) wrong('a session was rewound while a turn was open');
      if (history[toPosition - 1] !== toTurnId) wrong('a session was rewound to a turn outside of effective history');
    }
    history = effectiveHistory(history, fact);
    if (event.type === 'TurnRequested') {
      if (open) wrong('a turn was requested while another was open');
      if (event.data.position !== history.length) wrong('a turn does not stand behind effective history');
      open = { turnId: event.data.turnId, attempt: 0, isHeld: false };
      continue;
    }
    if (!('turnId' in event.data) || event.type === 'AttemptSettled' || event.type === 'SessionBookmarked') continue;
    if (event.type === 'MoveAccepted' || event.type === 'MoveRejected') {
      if (!completed.has(event.data.turnId)) wrong('a verdict is about a turn that was not completed');
      continue;
    }
    // A second ending, or an event after it, is for R2 to name.
    if (open?.turnId !== event.data.turnId) {
      if (!ended.has(event.data.turnId)) wrong(`${event.type} comes before its turn was requested`);
      continue;
    }
    const { attempt } = event.data;
    if (event.type === 'TurnStarted') {
      if (open.isHeld) wrong('a turn was claimed while another attempt held it');
      if (attempt !== open.attempt + 1) wrong('attempts are not counted one by one');
      open = { ...open, attempt: event.data.attempt, isHeld: true };
    } else if (attempt !== undefined && attempt !== open.attempt) wrong(`${event.type} is not by the newest attempt`);
    else if (event.type === 'TurnAttemptFailed') open = { ...open, isHeld: false };
    else if (event.type === 'TurnCompleted' && !open.isHeld) wrong('a turn was completed that nobody had claimed');
    // One append: a turn is cancelled so only by the one that takes its place.
    const isSuperseded = event.type === 'TurnCancelled' && event.data.reason === 'superseded';
    if (isSuperseded && facts[index + 1]?.event.type !== 'TurnRequested')
      wrong('a turn was superseded and no other took its place');
    if (isEnding(event)) {
      if (event.type === 'TurnCompleted') completed.add(event.data.turnId);
      ended.add(event.data.turnId);
      open = undefined;
    }
  }
  return found;
}
