import { callDocument, callSchema, pageSchema } from '@turnledger/shared/contracts';
import { defineRoute, json, type Route } from '@turnledger/shared/runtime';
import { emptyPage, fromCursor, page, toCursor } from '../cursor.ts';
import type { QueryPorts } from '../ports.ts';
import { listCalls } from '../queries/list-calls.ts';
import { callsQuery } from '../query-schemas.ts';
import { gameScope } from '../session-scope.ts';
import { waitForPosition } from '../wait-for-position.ts';

/**
 * Model calls, newest first: who was asked, what came of it and what it cost; no word of what was said. A token that is bound to a game
 * lists the calls of that game whatever it asks for.
 */
export const listCallsRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/llm/logs',
    summary: 'List model calls, newest first',
    access: ['game', 'operator'],
    replies: { 200: { description: 'A page of calls.', schema: pageSchema(callSchema) } },
    query: callsQuery,
    async handle({ query, caller }) {
      await waitForPosition(ports, caller, query.min_position);
      const game = gameScope(caller, query.game_id);
      if (!game) return json(200, emptyPage);
      const { session_id: sessionId, scenario_id: scenarioId, model, status, from, to, limit, cursor } = query;
      const after = cursor === undefined ? undefined : fromCursor('calls', cursor, ['text', 'text']);
      const filter = { ...game, sessionId, scenarioId, model, status, from, to, limit, after };
      const rows = await listCalls(ports.views, filter);
      return json(
        200,
        page(
          rows,
          limit,
          rows.map(({ call, turnEndedAt }) => callDocument(call, turnEndedAt)),
          ({ call }) => toCursor('calls', [call.startedAt, call.callId]),
        ),
      );
    },
  });
