import { pageSchema, rerunStream, rerunTurnSchema } from '@turnledger/shared/contracts';
import { hasDiverged } from '@turnledger/shared/domain';
import { defineRoute, idParam, json, type Route } from '@turnledger/shared/runtime';
import { comparedTurns } from '../compared-turns.ts';
import { fromCursor, page, toCursor } from '../cursor.ts';
import type { QueryPorts } from '../ports.ts';
import { rerunTurnsQuery } from '../query-schemas.ts';
import { requireRerun } from '../require-rerun.ts';
import { waitForPosition } from '../wait-for-position.ts';

/** Turns of a re-run beside what was recorded of them, in the order in which they were compared: a page stays as it is while others come. */
export const rerunTurnsRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/reruns/:rerun_id/turns',
    summary: 'List the turns of a re-run beside the recorded ones, as they came about',
    access: ['game', 'operator'],
    replies: { 200: { description: 'A page of turns.', schema: pageSchema(rerunTurnSchema) } },
    query: rerunTurnsQuery,
    async handle(request) {
      const rerunId = idParam(request, 'rerun_id', 'rerun_not_found');
      const { cursor, limit, diverged, min_position } = request.query;
      await requireRerun(ports, request.caller, rerunId);
      await waitForPosition(ports, request.caller, min_position);
      const [after = -1] = cursor === undefined ? [] : fromCursor('rerun_turns', cursor, ['number']);
      const { comparisons } = await ports.ledger.reruns.load(rerunStream(rerunId));
      const rows = comparisons
        .map((comparison, index) => ({ comparison, index }))
        .filter(({ comparison, index }) => index > after && (diverged === undefined || hasDiverged(comparison)))
        .slice(0, limit + 1);
      const shown = rows.slice(0, limit).map(({ comparison }) => comparison);
      return json(
        200,
        page(rows, limit, await comparedTurns(ports, shown), ({ index }) => toCursor('rerun_turns', [index])),
      );
    },
  });
