import { pageSchema, scenarioDocument, scenarioSchema, TurnledgerError } from '@turnledger/shared/contracts';
import { defineRoute, json, type Route, type RouteRequest } from '@turnledger/shared/runtime';
import { fromCursor, page, toCursor } from '../cursor.ts';
import type { QueryPorts } from '../ports.ts';
import { listScenarioVersions, promotedVersion, type ScenarioVersionFound } from '../queries/list-scenario-versions.ts';
import { pageQuery, positionQuery } from '../query-schemas.ts';
import { unlessKnown } from '../unless-known.ts';
import { waitForPosition } from '../wait-for-position.ts';

const BEYOND_EVERY_VERSION = 2 ** 31 - 1;

/** The scenario's id in the path. What cannot be one names nothing, so it is answered like one that is not there. */
function scenarioIdOf({ params }: Pick<RouteRequest<unknown, unknown>, 'params'>): string {
  const scenarioId = params.scenario_id ?? '';
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(scenarioId)) throw new TurnledgerError('scenario_not_found');
  return scenarioId;
}

const toDocument = (scenarioId: string, found: ScenarioVersionFound, promoted: ScenarioVersionFound | undefined) =>
  scenarioDocument({
    scenarioId,
    config: found.config,
    configuredAt: found.configuredAt,
    isPromoted: found.version === promoted?.version,
  });

/** The version of a scenario that new sessions take. */
export const scenarioRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/scenarios/:scenario_id',
    summary: 'Show the promoted version of a scenario',
    access: ['game', 'operator'],
    headers: ['If-None-Match'],
    replies: { 200: { description: 'The version that new sessions take.', schema: scenarioSchema } },
    query: positionQuery,
    async handle(request) {
      const scenarioId = scenarioIdOf(request);
      await waitForPosition(ports, request.caller, request.query.min_position);
      const promoted = await promotedVersion(ports.views, scenarioId);
      if (!promoted) throw new TurnledgerError('scenario_not_found');
      return unlessKnown(request, promoted.version, async () => toDocument(scenarioId, promoted, promoted));
    },
  });

/** A scenario's versions, newest first. */
export const scenarioVersionsRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/scenarios/:scenario_id/versions',
    summary: "List a scenario's versions, newest first",
    access: ['game', 'operator'],
    replies: { 200: { description: 'A page of versions.', schema: pageSchema(scenarioSchema) } },
    query: pageQuery,
    async handle(request) {
      const scenarioId = scenarioIdOf(request);
      const { cursor, limit, min_position } = request.query;
      await waitForPosition(ports, request.caller, min_position);
      const promoted = await promotedVersion(ports.views, scenarioId);
      if (!promoted) throw new TurnledgerError('scenario_not_found');
      const [before = BEYOND_EVERY_VERSION] = cursor === undefined ? [] : fromCursor(cursor, ['number']);
      const rows = await listScenarioVersions(ports.views, scenarioId, before, limit);
      const documents = rows.map((row) => toDocument(scenarioId, row, promoted));
      return json(
        200,
        page(rows, limit, documents, ({ version }) => toCursor([version])),
      );
    },
  });
