import {
  limits,
  type ParkReason,
  turnEndedMessage,
  turnMessageSource,
  turnRequestedMessage,
} from '../../contracts/index.ts';
import type { TurnMessage } from '../../ports/index.ts';

/** A message as a Kafka client takes it. */
export interface EncodedMessage {
  readonly key: string;
  readonly value: string;
  readonly headers: { readonly [name: string]: string };
}

/** A message as a Kafka client hands it over, as far as it is read here. */
export interface ReceivedMessage {
  readonly value: Buffer | null;
  readonly headers?: { readonly [name: string]: Buffer | string | (Buffer | string)[] | undefined };
}

export type DecodedMessage =
  | { readonly outcome: 'read'; readonly message: TurnMessage }
  | { readonly outcome: 'unreadable'; readonly reason: ParkReason };

const schemas = { requested: turnRequestedMessage, ended: turnEndedMessage };

/** A turn's message as structured CloudEvents JSON: ids only, under the session as key. */
export function encodeTurnMessage({ kind, sessionId, turnId, origin, ...rest }: TurnMessage): EncodedMessage {
  const event = {
    specversion: '1.0',
    id: `${turnId}/${kind}`,
    source: turnMessageSource,
    type: schemas[kind].shape.type.value,
    subject: turnId,
    time: new Date(rest.requestedAtMs).toISOString(),
    datacontenttype: 'application/json',
    data: {
      session_id: sessionId,
      turn_id: turnId,
      correlation_id: rest.correlationId,
      ...(kind === 'requested' && { deadline_ms: rest.deadlineMs }),
    },
  };
  return {
    key: sessionId,
    value: JSON.stringify(event),
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      ...(origin && { 'event-id': origin.eventId, 'log-position': String(origin.position) }),
    },
  };
}

/** Reads what a topic of that kind holds; never throws, since anybody with access may have written anything. */
export function decodeTurnMessage(kind: TurnMessage['kind'], { value, headers = {} }: ReceivedMessage): DecodedMessage {
  if (value && value.length > limits.kafka.maxMessageBytes) return unreadable('too_large');
  const json = parseJson(value);
  if (json === undefined) return unreadable('not_json');
  const schema = schemas[kind];
  const { success, data: event } = schema.safeParse(json);
  if (!success) return unreadable(hasOurType(json, schema.shape.type.value) ? 'invalid' : 'unknown_type');
  const { session_id, turn_id, correlation_id } = event.data;
  const origin = originOf(headers);
  return {
    outcome: 'read',
    message: {
      kind,
      sessionId: session_id,
      turnId: turn_id,
      correlationId: correlation_id,
      requestedAtMs: Date.parse(event.time),
      deadlineMs: 'deadline_ms' in event.data ? event.data.deadline_ms : 0,
      ...(origin && { origin }),
    },
  };
}

const unreadable = (reason: ParkReason): DecodedMessage => ({ outcome: 'unreadable', reason });

function parseJson(value: Buffer | null): unknown {
  try {
    return value ? JSON.parse(value.toString('utf8')) : undefined;
  } catch {
    return undefined;
  }
}

const hasOurType = (json: unknown, type: string): boolean =>
  typeof json === 'object' && json !== null && 'type' in json && json.type === type;

/** The headers are for people and tools; one that is damaged does not make the message unreadable. */
function originOf(headers: NonNullable<ReceivedMessage['headers']>): TurnMessage['origin'] {
  const [eventId, position] = [textOf(headers['event-id']), textOf(headers['log-position'])];
  if (eventId === undefined || position === undefined || !/^\d{1,20}$/.test(position)) return undefined;
  return { eventId, position: BigInt(position) };
}

const textOf = (header: Buffer | string | (Buffer | string)[] | undefined): string | undefined =>
  header === undefined || Array.isArray(header) ? undefined : header.toString();
