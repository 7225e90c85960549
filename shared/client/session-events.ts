import type { Session } from './documents.ts';
import type { ServerSentEvent } from './sse-parser.ts';
import { dataOf, type TurnEvent, toTurnEvent } from './turn-events.ts';
import { camelCased } from './wire-names.ts';

/** What came after a turn (or, with null, everything) was taken back; the next turn has the position behind that one. */
export interface SessionRewoundEvent {
  readonly type: 'session.rewound';
  readonly id: number;
  readonly sessionId: string;
  readonly toTurnId: string | null;
  readonly position: number;
}

/** The next turns are played under another version of the scenario. */
export interface SessionReconfiguredEvent {
  readonly type: 'session.reconfigured';
  readonly id: number;
  readonly sessionId: string;
  readonly scenario: { readonly id: string; readonly version: number };
}

/** The last event, unless a rewind undid the ending. */
export interface SessionEndedEvent {
  readonly type: 'session.ended';
  readonly id: number;
  readonly sessionId: string;
  readonly outcome: NonNullable<Session['outcome']>;
}

/** What a watched session tells, in order; `id` rises from turn to turn, and goes back in as `after`. */
export type SpectatedEvent = TurnEvent | SessionRewoundEvent | SessionReconfiguredEvent | SessionEndedEvent;

/** An event of a session in our names; undefined for one that this client does not know. Throws `answer_unreadable`. */
export function toSpectatedEvent(sent: ServerSentEvent): SpectatedEvent | undefined {
  const known = toTurnEvent(sent);
  if (known) return known;
  const { event: type } = sent;
  const id = Number(sent.id);
  switch (type) {
    case 'session.rewound':
      return { type, id, ...camelCased(dataOf(sent) as Omit<SessionRewoundEvent, 'type' | 'id'>) };
    case 'session.reconfigured':
      return { type, id, ...camelCased(dataOf(sent) as Omit<SessionReconfiguredEvent, 'type' | 'id'>) };
    case 'session.ended':
      return { type, id, ...camelCased(dataOf(sent) as Omit<SessionEndedEvent, 'type' | 'id'>) };
    default:
      return undefined;
  }
}
