import type { SessionEvent } from '../../domain/index.ts';
import type { LoggedEvent } from './history.ts';

/** An event of a session, with where it stands. */
export interface SessionFact {
  readonly at: LoggedEvent;
  readonly event: SessionEvent<'opened'>;
}

/** One turn as the log has it: every event that names it, in log order. */
export interface RecordedTurn {
  readonly turnId: string;
  readonly sessionId: string;
  readonly facts: readonly SessionFact[];
}

/** An event of a type, out of the union. */
export type EventOf<Type extends SessionEvent['type']> = Extract<SessionEvent<'opened'>, { readonly type: Type }>;

const STREAM = 'session-';

/** The events of session streams, in log order. */
export const sessionFacts = (log: readonly LoggedEvent[]): readonly SessionFact[] =>
  log.flatMap((at) =>
    at.stream.startsWith(STREAM) && at.opened ? [{ at, event: at.opened as SessionEvent<'opened'> }] : [],
  );

/** The session a stored event belongs to. */
export const sessionIdOf = ({ stream }: { readonly stream: string }): string => stream.slice(STREAM.length);

/** Every turn that the log names, in the order of first mention; events that came twice are there twice. */
export function recordedTurns(log: readonly LoggedEvent[]): readonly RecordedTurn[] {
  const turns = new Map<string, { turnId: string; sessionId: string; facts: SessionFact[] }>();
  for (const fact of sessionFacts(log)) {
    if (!('turnId' in fact.event.data) || fact.event.type === 'SessionBookmarked') continue;
    const { turnId } = fact.event.data;
    const sessionId = sessionIdOf(fact.at);
    const turn = turns.get(`${sessionId} ${turnId}`) ?? { turnId, sessionId, facts: [] };
    turn.facts.push(fact);
    turns.set(`${sessionId} ${turnId}`, turn);
  }
  return [...turns.values()];
}

/** The turn's events of a type. */
export const eventsOf = <Type extends SessionEvent['type']>(turn: RecordedTurn, type: Type): readonly EventOf<Type>[] =>
  turn.facts.flatMap(({ event }) => (event.type === type ? [event as EventOf<Type>] : []));

const ENDINGS = ['TurnCompleted', 'TurnFailed', 'TurnCancelled', 'TurnTimedOut'] as const;

export type EndingEvent = EventOf<(typeof ENDINGS)[number]>;

export const isEnding = (event: SessionEvent<'opened'>): event is EndingEvent =>
  (ENDINGS as readonly string[]).includes(event.type);

/** The first ending of a turn, or undefined while it is open. */
export const endingOf = (turn: RecordedTurn): EndingEvent | undefined =>
  turn.facts.map(({ event }) => event).find(isEnding);

/** The status that answers show for an ending. */
export const statusOfEnding = {
  TurnCompleted: 'completed',
  TurnFailed: 'failed',
  TurnCancelled: 'cancelled',
  TurnTimedOut: 'timed_out',
} as const satisfies { readonly [type in EndingEvent['type']]: string };

/** An event in few words, for evidence: where and what, no text. */
export const shownFact = ({ at }: SessionFact) => ({
  position: String(at.position),
  stream: at.stream,
  revision: at.revision,
  type: at.type,
});
