import {
  pageSchema,
  sessionDocument,
  sessionSchema,
  sessionStream,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import type { SessionRecord } from '@turnledger/shared/domain';
import {
  defineRoute,
  idParam,
  json,
  openRecord,
  outsideIds,
  type Route,
  requireSession,
  roles,
} from '@turnledger/shared/runtime';
import { emptyPage, fromCursor, page, toCursor } from '../cursor.ts';
import type { QueryPorts } from '../ports.ts';
import { findSession } from '../queries/find-session.ts';
import { listSessions } from '../queries/list-sessions.ts';
import { positionQuery, sessionsQuery } from '../query-schemas.ts';
import { sessionScope } from '../session-scope.ts';
import { unlessKnown } from '../unless-known.ts';
import { waitForPosition } from '../wait-for-position.ts';

async function toDocument(ports: QueryPorts, sealed: SessionRecord<'sealed'>) {
  const stream = sessionStream(sealed.sessionId);
  const opened = await openRecord<SessionRecord<'opened'>>(sealed, stream, ports.vault);
  return sessionDocument(opened, await outsideIds(ports, opened.participants));
}

/** Sessions, newest first, by player (the game's own id), game, scenario, status or start. */
export const listSessionsRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/sessions',
    summary: 'List sessions, newest first',
    access: roles,
    replies: { 200: { description: 'A page of sessions.', schema: pageSchema(sessionSchema) } },
    query: sessionsQuery,
    async handle({ query, caller }) {
      await waitForPosition(ports, caller, query.min_position);
      const { limit, cursor, scenario_id: scenarioId, status, from, to } = query;
      const scope = await sessionScope(ports.vault, caller, query);
      if (!scope) return json(200, emptyPage);
      const after = cursor === undefined ? undefined : fromCursor('sessions', cursor, ['text', 'text']);
      const rows = await listSessions(ports.views, {
        ...scope,
        scenarioId,
        status,
        from,
        to,
        limit,
        after,
      });
      const documents = await Promise.all(rows.slice(0, limit).map((row) => toDocument(ports, row)));
      return json(
        200,
        page(rows, limit, documents, ({ startedAt, sessionId }) => toCursor('sessions', [startedAt, sessionId])),
      );
    },
  });

/** One session. */
export const sessionRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id',
    summary: 'Show a session',
    access: roles,
    headers: ['If-None-Match'],
    replies: { 200: { description: 'The session.', schema: sessionSchema } },
    query: positionQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      await waitForPosition(ports, request.caller, request.query.min_position);
      const session = await findSession(ports.views, sessionId);
      if (!session) throw new TurnledgerError('session_not_found');
      return unlessKnown(request, session.revision, () => toDocument(ports, session));
    },
  });
