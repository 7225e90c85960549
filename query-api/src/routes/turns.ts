import { pageSchema, sessionStream, TurnledgerError, turnDocument, turnSchema } from '@turnledger/shared/contracts';
import type { TurnRecord } from '@turnledger/shared/domain';
import { defineRoute, idParam, json, openRecord, type Route, requireSession, roles } from '@turnledger/shared/runtime';
import { fromCursor, page, toCursor } from '../cursor.ts';
import { inheritedRows } from '../inherited-rows.ts';
import type { QueryPorts } from '../ports.ts';
import { findSession } from '../queries/find-session.ts';
import { findTurnRow } from '../queries/find-turn.ts';
import { listTurns } from '../queries/list-turns.ts';
import { positionQuery, turnsQuery } from '../query-schemas.ts';
import { unlessKnown } from '../unless-known.ts';
import { waitForPosition } from '../wait-for-position.ts';

const toDocument = async ({ vault }: QueryPorts, turn: TurnRecord<'sealed'>) =>
  turnDocument(await openRecord<TurnRecord<'opened'>>(turn, sessionStream(turn.sessionId), vault));

/** The turns of a session's effective history, in order, by status; those that were rewound away where they are asked for, by time. */
export const listTurnsRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id/turns',
    summary: "List a session's turns in order",
    access: roles,
    replies: { 200: { description: 'A page of turns.', schema: pageSchema(turnSchema) } },
    query: turnsQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      const { cursor, limit, status, rewound, min_position } = request.query;
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      await waitForPosition(ports, request.caller, min_position);
      const session = await findSession(ports.views, sessionId);
      if (!session) throw new TurnledgerError('session_not_found');
      const [after = Number.NEGATIVE_INFINITY] =
        cursor === undefined ? [] : fromCursor('session_turns', cursor, ['number']);
      const withRewound = rewound === 'include';
      const wanted = { status, withRewound, limit };
      const inherited = await inheritedRows(ports, session, { ...wanted, after });
      const left = limit - inherited.length;
      const own =
        left < 0
          ? []
          : await listTurns(ports.views, { ...wanted, sessionId, afterRevision: Math.max(after, -1), limit: left });
      const opened = await Promise.all(
        own.map(async (row) => ({ place: row.requestedRevision, document: await toDocument(ports, row) })),
      );
      const rows = [...inherited, ...opened];
      return json(
        200,
        page(
          rows,
          limit,
          rows.map(({ document }) => document),
          ({ place }) => toCursor('session_turns', [place]),
        ),
      );
    },
  });

/** One turn. */
export const turnRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id/turns/:turn_id',
    summary: 'Show a turn',
    access: roles,
    headers: ['If-None-Match'],
    replies: { 200: { description: 'The turn.', schema: turnSchema } },
    query: positionQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'turn_not_found');
      const turnId = idParam(request, 'turn_id', 'turn_not_found');
      await requireSession(ports, request.caller, sessionId, 'turn_not_found');
      await waitForPosition(ports, request.caller, request.query.min_position);
      const turn = await findTurnRow(ports.views, sessionId, turnId);
      if (!turn) throw new TurnledgerError('turn_not_found');
      // A rewind changes the turn's document and none of its events.
      const tag = turn.isRewound ? `${turn.revision}.rewound` : turn.revision;
      return unlessKnown(request, tag, () => toDocument(ports, turn));
    },
  });
