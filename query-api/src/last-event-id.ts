import { TurnledgerError } from '@turnledger/shared/contracts';

/** The id of the last event a client has, from Last-Event-ID or `?after=`; 0 for none. Throws `request_invalid`. */
export function lastEventId(header: string | undefined, after?: number): number {
  if (header === undefined || header === '') return after ?? 0;
  if (/^\d{1,10}$/.test(header)) return Number(header);
  throw new TurnledgerError('request_invalid', {
    fields: [{ pointer: 'Last-Event-ID', message: 'is not an event id of a turn' }],
  });
}
