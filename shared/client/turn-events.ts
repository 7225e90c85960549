import type { Turn } from './documents.ts';
import { toTurn } from './read-documents.ts';
import type { ServerSentEvent } from './sse-parser.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';
import { camelCased } from './wire-names.ts';

/** The turn is in the log. */
export interface TurnRequestedEvent {
  readonly type: 'turn.requested';
  readonly id: number;
  readonly turnId: string;
  readonly sessionId: string;
  readonly position: number;
  readonly scenario: { readonly id: string; readonly version: number };
  readonly logPosition?: string;
}

/** A model was asked. */
export interface TurnStartedEvent {
  readonly type: 'turn.started';
  readonly id: number;
  readonly turnId: string;
  readonly attempt: number;
  readonly model: string;
  /** True from the second attempt on: what came before is void, the text starts anew. */
  readonly isRestart: boolean;
}

/** The next piece of the reply. */
export interface ReplyDeltaEvent {
  readonly type: 'reply.delta';
  readonly id: number;
  readonly turnId: string;
  readonly attempt: number;
  readonly text: string;
}

/** The last event; its turn is the truth, whatever the deltas were. */
export interface TurnEndedEvent {
  readonly type: 'turn.completed' | 'turn.failed' | 'turn.cancelled' | 'turn.timed_out';
  readonly id: number;
  readonly turn: Turn;
}

/** What a followed turn tells, in order; `id` rises, and goes back in as `after`. */
export type TurnEvent = TurnRequestedEvent | TurnStartedEvent | ReplyDeltaEvent | TurnEndedEvent;

/** The numbers of the service's stream: attempt n starts at n million, the ending comes last. */
export const eventIds = { perAttempt: 1_000_000, lastBeforeEnding: 999_999_999 } as const;

export const isEnding = (event: TurnEvent): event is TurnEndedEvent => 'turn' in event;

const unreadable = (detail: string) => new TurnledgerProblem('answer_unreadable', { detail });

export function dataOf({ data }: ServerSentEvent): object {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Answered like any other data that is not an object.
  }
  throw unreadable('an event has no JSON object as its data');
}

/**
 * An event of a turn in our names; undefined for one that this client does not know, as a newer service may send. Throws
 * `answer_unreadable`.
 */
export function toTurnEvent(sent: ServerSentEvent): TurnEvent | undefined {
  const { event: type } = sent;
  const id = Number(sent.id);
  if (!/^\d{1,16}$/.test(sent.id)) throw unreadable('an event has no number');
  switch (type) {
    case 'turn.requested':
      return { type, id, ...camelCased(dataOf(sent) as Omit<TurnRequestedEvent, 'type' | 'id'>) };
    case 'turn.started': {
      const started = camelCased(dataOf(sent) as Omit<TurnStartedEvent, 'type' | 'id' | 'isRestart'>);
      return { type, id, ...started, isRestart: started.attempt > 1 };
    }
    case 'reply.delta':
      return { type, id, ...camelCased(dataOf(sent) as Omit<ReplyDeltaEvent, 'type' | 'id'>) };
    case 'turn.completed':
    case 'turn.failed':
    case 'turn.cancelled':
    case 'turn.timed_out':
      return { type, id, turn: toTurn(dataOf(sent)) };
    default:
      return undefined;
  }
}
