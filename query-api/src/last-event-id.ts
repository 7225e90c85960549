import { TurnledgerError } from '@turnledger/shared/contracts';

/** As many as `feedIds.ending` has. */
const TURN_DIGITS = 10;

/**
 * The id of the last event a client has, from Last-Event-ID or `?after=`; 0 for none. Of a turn and of a re-render an id has ten digits at most;
 * a stream of larger ids says how many its own have. Throws `request_invalid`.
 */
export function lastEventId(header: string | undefined, after?: number, maxDigits: number = TURN_DIGITS): number {
  if (header === undefined || header === '') return after ?? 0;
  const id = /^\d+$/.test(header) && header.length <= maxDigits ? Number(header) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new TurnledgerError('request_invalid', {
    fields: [{ pointer: 'Last-Event-ID', message: 'is not an event id of this stream' }],
  });
}
