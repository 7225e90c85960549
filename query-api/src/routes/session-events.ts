import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { type SessionState, turnOf } from '@turnledger/shared/domain';
import {
  defineRoute,
  feedIds,
  idParam,
  type Ledger,
  type Route,
  requireSession,
  roles,
} from '@turnledger/shared/runtime';
import { lastEventId } from '../last-event-id.ts';
import type { QueryPorts } from '../ports.ts';
import { spectateQuery } from '../query-schemas.ts';
import { SessionNews } from '../session-news.ts';
import { spectateSession } from '../spectate-session.ts';
import { type SpectatorPlace, spectatorId, spectatorIdDigits, spectatorPlace } from '../spectator-ids.ts';
import { SpectatorSeats } from '../spectator-seats.ts';
import { untilLeaving } from '../until-leaving.ts';

/**
 * A whole session as it happens, resumable on any node: the events of each turn's own stream, turn after turn, `session.rewound`,
 * `session.reconfigured` and `session.ended`. From now on, a turn that is open right then from its beginning; `?from=start` from the session's.
 *
 * The stream closes after `session.ended`. A rewind may undo an ending: whoever comes back after it goes on with `session.rewound`; one who has
 * the ending of a session that stands ended gets 204, which tells an EventSource to stop.
 */
export const sessionEventsRoute = (ports: QueryPorts): Route => {
  const { ledger, vault, feed, clock } = ports;
  const news = new SessionNews({ sessions: ledger.sessions, feed, clock });
  const seats = new SpectatorSeats();
  return defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id/events',
    summary: 'Follow a session, turn after turn, as server-sent events',
    access: roles,
    headers: ['Last-Event-ID'],
    replies: {
      200: { description: 'The session as it happens.', orEvents: true },
      204: { description: 'The session has ended, and the client has its ending.' },
    },
    query: spectateQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      const lastId = lastEventId(request.header('last-event-id'), request.query.after, spectatorIdDigits);
      const opened = await ledger.sessions.load(sessionStream(sessionId));
      if (opened.status === 'none') throw new TurnledgerError('session_not_found');
      const endedAt = opened.status === 'ended' ? await endingRevision(ledger, sessionId, opened) : undefined;
      if (endedAt !== undefined && lastId >= spectatorId({ revision: endedAt, id: feedIds.requested }))
        return { kind: 'json', status: 204 };
      const isFromStart = request.query.from === 'start';
      const first = isFromStart ? 0 : (endedAt ?? revisionNow(opened));
      const after = lastId > 0 ? placeIn(opened, lastId) : { revision: first, id: 0 };
      seats.take(request.signal);
      const recordedThrough = isFromStart ? opened.revision : -1;
      const events = (signal: AbortSignal) =>
        spectateSession({ ledger, vault, feed, clock, news }, { sessionId, opened, after, recordedThrough, signal });
      const reply = { kind: 'events', events: untilLeaving(ports, request.signal, events) } as const;
      // From now on, said as an id: whoever is cut off before anything happens comes back to this now, not to a later one.
      return lastId > 0 || isFromStart
        ? reply
        : { ...reply, idBefore: spectatorId({ revision: first - 1, id: feedIds.ending }) };
    },
  });
};

/** Throws `request_invalid` for an id that the session has not given yet: there is nothing to go on after. */
function placeIn({ revision }: SessionState, lastId: number): SpectatorPlace {
  const place = spectatorPlace(lastId);
  if (place.revision <= revision) return place;
  throw new TurnledgerError('request_invalid', {
    fields: [{ pointer: 'Last-Event-ID', message: 'is not an event id of this session' }],
  });
}

/** Behind all that was, or where the turn that is open was asked for. */
function revisionNow(state: SessionState): number {
  const open = state.openTurnId === undefined ? undefined : turnOf(state, state.openTurnId);
  return open?.requestedRevision ?? state.revision + 1;
}

/** Where a session that stands ended was ended: behind it come marks and settlements at most, neither a turn nor a rewind. */
async function endingRevision({ sessions }: Ledger, sessionId: string, state: SessionState): Promise<number> {
  const { history, rewinds, revision } = state;
  const newest = history && turnOf(state, history.turnId);
  const since = Math.max(newest?.requestedRevision ?? 0, rewinds.at(-1)?.revision ?? 0);
  const events = await sessions.events(sessionStream(sessionId), since, revision);
  return events.findLast(({ type }) => type === 'SessionEnded')?.revision ?? revision;
}
