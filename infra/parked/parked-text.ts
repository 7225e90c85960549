import type { ListedParkedMessage } from '@turnledger/shared/adapters/kafka';
import type { ListedParkedEvent } from '@turnledger/shared/adapters/postgres';
import { textTable } from '../terminal/text-table.ts';
import { visibleJson } from '../terminal/visible.ts';

/** All that is put aside: of each kind the newest, and how many there are. */
export interface ParkedListing {
  readonly events: { readonly total: number; readonly newest: readonly ListedParkedEvent[] };
  readonly messages: { readonly total: number; readonly newest: readonly ListedParkedMessage[] };
}

const time = (at: Date | number): string => new Date(at).toISOString();

/** The listing as JSON, in the names of the wire. */
export function parkedJson({ events, messages }: ParkedListing): string {
  const eventRows = events.newest.map(({ code: reason, parkedAt, position, ...event }) => ({
    parked_at: time(parkedAt),
    reason,
    ...event,
    position: String(position),
  }));
  const messageRows = messages.newest.map(({ parkedAtMs, reason, from, ...message }) => ({
    parked_at: time(parkedAtMs),
    reason: reason ?? null,
    from: from ?? null,
    ...message,
  }));
  const listed = {
    events: { total: events.total, newest: eventRows },
    messages: { total: messages.total, newest: messageRows },
  };
  return visibleJson(listed, 2);
}

/** The listing for a person, without what stands in a message: it is foreign, and may be long. */
export function parkedText({ events, messages }: ParkedListing): string {
  if (events.total + messages.total === 0) return 'Nothing is parked.';
  const eventRows = events.newest.map(({ parkedAt, code, loop, type, stream, revision }) => [
    time(parkedAt),
    code,
    loop,
    type,
    `${stream} ${revision}`,
  ]);
  const messageRows = messages.newest.map(({ parkedAtMs, reason = '–', from, key, bytes }) => [
    time(parkedAtMs),
    reason,
    from ? `${from.topic} ${from.partition} ${from.offset}` : '–',
    key,
    String(bytes),
  ]);
  return [
    ...section('events that a loop of the projectors left out', events.total, [
      ['parked at', 'reason', 'loop', 'type', 'stream and revision'],
      ...eventRows,
    ]),
    ...section('messages that a worker put aside', messages.total, [
      ['parked at', 'reason', 'topic, partition, offset', 'key', 'bytes'],
      ...messageRows,
    ]),
    'What to do about each reason: infra/docs/parked.md',
  ].join('\n');
}

function section(title: string, total: number, rows: readonly (readonly string[])[]): readonly string[] {
  const shown = rows.length - 1;
  const heading = shown < total ? `${total} ${title}; the newest ${shown}:` : `${total} ${title}`;
  if (shown === 0) return [heading, ''];
  const lines = textTable(rows).map((line) => `  ${line}`);
  return [heading, ...lines, ''];
}
