import { sessionStream, TurnledgerError, turnDocument } from '@turnledger/shared/contracts';
import type { TurnRecord } from '@turnledger/shared/domain';
import { defineRoute, idParam, json, openRecord, type Route, roles } from '@turnledger/shared/runtime';
import { fromCursor, page, toCursor } from '../cursor.ts';
import type { QueryPorts } from '../ports.ts';
import { findSession } from '../queries/find-session.ts';
import { findTurnRow } from '../queries/find-turn.ts';
import { listTurns } from '../queries/list-turns.ts';
import { pageQuery, positionQuery } from '../query-schemas.ts';
import { waitForPosition } from '../wait-for-position.ts';

const toDocument = async ({ vault }: QueryPorts, turn: TurnRecord<'sealed'>) =>
  turnDocument(await openRecord<TurnRecord<'opened'>>(turn, sessionStream(turn.sessionId), vault));

/** A session's turns, in order. */
export const listTurnsRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id/turns',
    summary: "List a session's turns in order",
    access: roles,
    query: pageQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      const { cursor, limit, min_position } = request.query;
      await waitForPosition(ports, min_position);
      if (!(await findSession(ports.views, sessionId))) throw new TurnledgerError('session_not_found');
      const [afterPosition = 0] = cursor === undefined ? [] : fromCursor(cursor, ['number']);
      const rows = await listTurns(ports.views, sessionId, afterPosition, limit);
      const documents = await Promise.all(rows.slice(0, limit).map((row) => toDocument(ports, row)));
      return json(
        200,
        page(rows, limit, documents, ({ position }) => toCursor([position])),
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
    query: positionQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'turn_not_found');
      const turnId = idParam(request, 'turn_id', 'turn_not_found');
      await waitForPosition(ports, request.query.min_position);
      const turn = await findTurnRow(ports.views, sessionId, turnId);
      if (!turn) throw new TurnledgerError('turn_not_found');
      return json(200, await toDocument(ports, turn));
    },
  });
