import { pageSchema, scenarioDocument, scenarioSchema, TurnledgerError } from '@turnledger/shared/contracts';
import { defineRoute, type Route, scenarioIdParam } from '@turnledger/shared/runtime';
import { fromCursor, page, toCursor } from '../cursor.ts';
import type { QueryPorts } from '../ports.ts';
import { findScenario, type ScenarioFound } from '../queries/find-scenario.ts';
import { listScenarioVersions, type ScenarioVersionFound } from '../queries/list-scenario-versions.ts';
import { pageQuery, positionQuery } from '../query-schemas.ts';
import { unlessKnown } from '../unless-known.ts';
import { waitForPosition } from '../wait-for-position.ts';

/** What If-Match takes, and other for each state of the scenario: promoting and retiring it change no version (decision 0009). */
const tagOf = ({ newestVersion, revision }: ScenarioFound): string => `${newestVersion}.${revision}`;

const toDocument = (
  scenarioId: string,
  { config, configuredAt, version }: ScenarioVersionFound,
  whole: ScenarioFound,
) =>
  scenarioDocument({
    scenarioId,
    config,
    configuredAt,
    isPromoted: version === whole.promoted.version,
    newestVersion: whole.newestVersion,
    isRetired: whole.promoted.isRetired,
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
      const scenarioId = scenarioIdParam(request);
      await waitForPosition(ports, request.caller, request.query.min_position);
      const scenario = await findScenario(ports.views, scenarioId);
      if (!scenario) throw new TurnledgerError('scenario_not_found');
      return unlessKnown(request, tagOf(scenario), async () => toDocument(scenarioId, scenario.promoted, scenario));
    },
  });

/** A scenario's versions, newest first. */
export const scenarioVersionsRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/scenarios/:scenario_id/versions',
    summary: "List a scenario's versions, newest first",
    access: ['game', 'operator'],
    headers: ['If-None-Match'],
    replies: { 200: { description: 'A page of versions.', schema: pageSchema(scenarioSchema) } },
    query: pageQuery,
    async handle(request) {
      const scenarioId = scenarioIdParam(request);
      const { cursor, limit, min_position } = request.query;
      await waitForPosition(ports, request.caller, min_position);
      const scenario = await findScenario(ports.views, scenarioId);
      if (!scenario) throw new TurnledgerError('scenario_not_found');
      // Not beyond the newest that was found, so that the page is what its tag says: versions never change, only what is true of the whole.
      const [before] = cursor === undefined ? [scenario.newestVersion + 1] : fromCursor('versions', cursor, ['number']);
      return unlessKnown(request, tagOf(scenario), async () => {
        const rows = await listScenarioVersions(ports.views, scenarioId, before, limit);
        const documents = rows.map((row) => toDocument(scenarioId, row, scenario));
        return page(rows, limit, documents, ({ version }) => toCursor('versions', [version]));
      });
    },
  });
