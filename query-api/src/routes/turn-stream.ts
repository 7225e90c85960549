import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { turnOf } from '@turnledger/shared/domain';
import { defineRoute, feedIds, idParam, type Route, roles, turnEvents } from '@turnledger/shared/runtime';
import type { QueryPorts } from '../ports.ts';
import { streamQuery } from '../query-schemas.ts';

/** The id of the last event a client has, from Last-Event-ID or `?after=`; 0 for none. Throws `request_invalid`. */
function lastEventId(header: string | undefined, after: number | undefined): number {
  if (header === undefined) return after ?? 0;
  if (/^\d{1,10}$/.test(header)) return Number(header);
  throw new TurnledgerError('request_invalid', {
    fields: [{ pointer: 'Last-Event-ID', message: 'is not an event id of a turn' }],
  });
}

/**
 * A turn as it happens, resumable on any node: from the event after the last one the client has, to the ending. A client that has the
 * ending gets 204, which tells an EventSource to stop.
 */
export const turnStreamRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id/turns/:turn_id/stream',
    summary: 'Follow a turn as server-sent events',
    access: roles,
    query: streamQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'turn_not_found');
      const turnId = idParam(request, 'turn_id', 'turn_not_found');
      const after = lastEventId(request.header('last-event-id'), request.query.after);
      // The log, not the view: a client may follow a turn before any view has heard of it.
      if (!turnOf(await ports.ledger.sessions.load(sessionStream(sessionId)), turnId))
        throw new TurnledgerError('turn_not_found');
      if (after >= feedIds.ending) return { kind: 'json', status: 204 };
      const follow = { sessions: ports.ledger.sessions, feed: ports.feed, clock: ports.clock, vault: ports.vault };
      return { kind: 'events', events: turnEvents(follow, { sessionId, turnId, after, signal: request.signal }) };
    },
  });
