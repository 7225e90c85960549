import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { TurnDocument } from '@turnledger/shared/contracts';
import { Arrivals } from '@turnledger/shared/testing';

/** The members that tests read from events; an ending carries the whole turn. */
export interface EventData extends TurnDocument {
  readonly turn_id: string;
  readonly log_position: string;
  readonly attempt: number;
  readonly text: string;
}

/** One event of a text/event-stream as it came. */
export interface ReceivedEvent {
  readonly id: number;
  readonly event: string;
  readonly data: EventData;
}

/** A reader of server-sent events that can leave, and stop reading. */
export interface EventStream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly arrivals: Arrivals<ReceivedEvent>;
  /** Every event, once the server has ended the stream, or cut it. */
  readonly closed: Promise<{ readonly isCut: boolean; readonly events: readonly ReceivedEvent[] }>;
  /** Lets what arrives pile up at the server's side. */
  pause(): void;
  resume(): void;
  /** Goes away without a word. */
  leave(): void;
}

const eventOf = (frame: string): ReceivedEvent | undefined => {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1];
  const data = field('data');
  return data === undefined
    ? undefined
    : { id: Number(field('id')), event: field('event') ?? '', data: JSON.parse(data) };
};

/** Opens a stream: GET, or POST with a body. */
export async function openEventStream(
  url: string,
  options: {
    readonly body?: object;
    readonly headers?: { readonly [name: string]: string };
    readonly isPaused?: boolean;
  } = {},
): Promise<EventStream> {
  const { body, headers = {}, isPaused = false } = options;
  const call = request(url, {
    method: body ? 'POST' : 'GET',
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    agent: false,
  });
  call.end(body && JSON.stringify(body));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const arrivals = new Arrivals<ReceivedEvent>();
  let text = '';
  response.setEncoding('utf8');
  if (isPaused) response.pause();
  response.on('data', (part: string) => {
    text += part;
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const event = eventOf(frame);
      if (event) arrivals.add(event);
    }
  });
  if (isPaused) response.pause();
  // A cut connection is an outcome here, not a failure.
  response.on('error', () => undefined);
  call.on('error', () => undefined);
  const closed = new Promise<{ isCut: boolean; events: readonly ReceivedEvent[] }>((resolve) => {
    response.once('close', () => resolve({ isCut: !response.complete, events: arrivals.all }));
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    arrivals,
    closed,
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    leave: () => void response.destroy(),
  };
}

/** The reply as a reader has it: the deltas of the newest attempt, joined. */
export const joinedText = (events: readonly ReceivedEvent[]): string =>
  events
    .slice(events.findLastIndex(({ event }) => event === 'turn.started') + 1)
    .flatMap(({ event, data }) => (event === 'reply.delta' ? [data.text] : []))
    .join('');
