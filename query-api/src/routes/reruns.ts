import {
  pageSchema,
  rerunDocument,
  rerunListDocument,
  rerunListSchema,
  rerunSchema,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import { defineRoute, idParam, json, type Route, readRerun } from '@turnledger/shared/runtime';
import { emptyPage, fromCursor, page, toCursor } from '../cursor.ts';
import type { QueryPorts } from '../ports.ts';
import { listReruns } from '../queries/list-reruns.ts';
import { positionQuery, rerunsQuery } from '../query-schemas.ts';
import { requireRerun } from '../require-rerun.ts';
import { gameScope } from '../session-scope.ts';
import { unlessKnown } from '../unless-known.ts';
import { waitForPosition } from '../wait-for-position.ts';

/** Re-runs, newest first, by scenario, game, status or time. A token that is bound to a game lists those of that game whatever it asks for. */
export const listRerunsRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/reruns',
    summary: 'List re-runs, newest first',
    access: ['game', 'operator'],
    replies: { 200: { description: 'A page of re-runs.', schema: pageSchema(rerunListSchema) } },
    query: rerunsQuery,
    async handle({ query, caller }) {
      await waitForPosition(ports, caller, query.min_position);
      const game = gameScope(caller, query.game_id);
      if (!game) return json(200, emptyPage);
      const { scenario_id: scenarioId, status, from, to, limit, cursor } = query;
      const after = cursor === undefined ? undefined : fromCursor('reruns', cursor, ['text', 'text']);
      const rows = await listReruns(ports.views, { ...game, scenarioId, status, from, to, limit, after });
      return json(
        200,
        page(rows, limit, rows.map(rerunListDocument), ({ requestedAt, rerunId }) =>
          toCursor('reruns', [requestedAt, rerunId]),
        ),
      );
    },
  });

/** One re-run, from the log: what its view has are its counts alone. */
export const rerunRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/reruns/:rerun_id',
    summary: 'Show how far a re-run is, what it has cost and how it compares',
    access: ['game', 'operator'],
    headers: ['If-None-Match'],
    replies: { 200: { description: 'The re-run.', schema: rerunSchema } },
    query: positionQuery,
    async handle(request) {
      const rerunId = idParam(request, 'rerun_id', 'rerun_not_found');
      await requireRerun(ports, request.caller, rerunId);
      await waitForPosition(ports, request.caller, request.query.min_position);
      const shown = await readRerun(ports.ledger, rerunId);
      if (!shown) throw new TurnledgerError('rerun_not_found');
      const { state, gate } = shown;
      // A gate is the scenario's: it closes before the re-run's own stream says that it is over.
      const tag = gate ? `${state.revision}.${gate.outcome ?? 'open'}` : state.revision;
      return unlessKnown(request, tag, async () => rerunDocument(shown));
    },
  });
