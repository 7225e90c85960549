import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { turnOf } from '@turnledger/shared/domain';
import {
  defineRoute,
  feedIds,
  idParam,
  type Route,
  requireSession,
  roles,
  turnEvents,
} from '@turnledger/shared/runtime';
import { lastEventId } from '../last-event-id.ts';
import type { QueryPorts } from '../ports.ts';
import { streamQuery } from '../query-schemas.ts';

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
    headers: ['Last-Event-ID'],
    replies: {
      200: { description: 'The turn as it happens.', orEvents: true },
      204: { description: 'The client has the ending already.' },
    },
    query: streamQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'turn_not_found');
      const turnId = idParam(request, 'turn_id', 'turn_not_found');
      const after = lastEventId(request.header('last-event-id'), request.query.after);
      await requireSession(ports, request.caller, sessionId, 'turn_not_found');
      // The log, not the view: a client may follow a turn before any view has heard of it.
      if (!turnOf(await ports.ledger.sessions.load(sessionStream(sessionId)), turnId))
        throw new TurnledgerError('turn_not_found');
      if (after >= feedIds.ending) return { kind: 'json', status: 204 };
      const follow = { sessions: ports.ledger.sessions, feed: ports.feed, clock: ports.clock, vault: ports.vault };
      return { kind: 'events', events: turnEvents(follow, { sessionId, turnId, after, signal: request.signal }) };
    },
  });
