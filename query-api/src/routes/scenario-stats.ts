import { pageSchema, scenarioStatsDocument, scenarioStatsSchema, TurnledgerError } from '@turnledger/shared/contracts';
import { noUsage } from '@turnledger/shared/domain';
import { defineRoute, json, type Route, scenarioIdParam } from '@turnledger/shared/runtime';
import { fromCursor, page, toCursor } from '../cursor.ts';
import type { QueryPorts } from '../ports.ts';
import { findScenario } from '../queries/find-scenario.ts';
import { listScenarioVersions } from '../queries/list-scenario-versions.ts';
import { sumScenarioVersions } from '../queries/sum-scenario-versions.ts';
import { pageQuery } from '../query-schemas.ts';
import { waitForPosition } from '../wait-for-position.ts';

/** What became of the moves of each version of a scenario, the newest first. A token that is bound to a game is told of that game alone. */
export const scenarioStatsRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/scenarios/:scenario_id/stats',
    summary: "Count turns and moves of a scenario's versions, with their illegal-move rate, newest first",
    access: ['game', 'operator'],
    replies: {
      200: { description: 'A page of versions with their figures.', schema: pageSchema(scenarioStatsSchema) },
    },
    query: pageQuery,
    async handle(request) {
      const { caller, query } = request;
      const scenarioId = scenarioIdParam(request);
      const { cursor, limit, min_position } = query;
      await waitForPosition(ports, caller, min_position);
      const scenario = await findScenario(ports.views, scenarioId);
      if (!scenario) throw new TurnledgerError('scenario_not_found');
      const [before] = cursor === undefined ? [scenario.newestVersion + 1] : fromCursor('versions', cursor, ['number']);
      const rows = await listScenarioVersions(ports.views, scenarioId, before, limit);
      const versions = rows.map(({ version }) => version);
      const counted = await sumScenarioVersions(ports.views, { scenarioId, gameId: caller.gameId, versions });
      const documents = versions.map((version) => scenarioStatsDocument(version, counted.get(version) ?? noUsage));
      return json(
        200,
        page(rows, limit, documents, ({ version }) => toCursor('versions', [version])),
      );
    },
  });
