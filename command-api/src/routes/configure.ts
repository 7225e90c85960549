import {
  configureBody,
  defaultScenarioConfig,
  mergeConfiguration,
  positionToken,
  scenarioStream,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import { configureScenario, type ScenarioConfig, type ScenarioVersion } from '@turnledger/shared/domain';
import { defineRoute, json, type Route } from '@turnledger/shared/runtime';
import { contentHash } from '@turnledger/shared/trust';
import type { CommandPorts } from '../ports.ts';

/** The configuration of a version without what the version adds to it. */
const configOf = ({ version: _v, configHash: _h, note: _n, ...config }: ScenarioVersion): ScenarioConfig => config;

const invalidIfMatch = () =>
  new TurnledgerError('request_invalid', {
    fields: [{ pointer: 'If-Match', message: 'must be a version, as in "3"' }],
  });

/** The version in an If-Match header; undefined without one. Throws `request_invalid`. */
function expectedVersionOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const version = /^"?(\d{1,9})"?$/.exec(header)?.[1];
  if (version === undefined) throw invalidIfMatch();
  return Number(version);
}

/** Publishes a scenario version, in the full or the flat form; the same content again answers with the version that is there. */
export const configureRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/llm/configure',
    summary: 'Publish a version of a scenario',
    access: ['game', 'operator'],
    body: configureBody,
    async handle({ body, header, traceId }) {
      const scenarioId = body.scenario_id ?? 'default';
      const stream = scenarioStream(scenarioId);
      const expectedVersion = expectedVersionOf(header('if-match'));
      let versionsBefore = 0;
      let decidedHash = '';
      const result = await ports.ledger.scenarios.transact(
        stream,
        (state) => {
          versionsBefore = state.versions.length;
          const newest = state.versions.at(-1);
          const config = mergeConfiguration(newest ? configOf(newest) : defaultScenarioConfig, body);
          requireEndpoints(config, ports.endpoints);
          decidedHash = contentHash(config);
          return configureScenario(
            {
              config,
              configHash: decidedHash,
              publish: body.publish ?? true,
              ...(body.note !== undefined && { note: body.note }),
              ...(expectedVersion !== undefined && { expectedVersion }),
            },
            state,
          );
        },
        { context: { actor: 'operator', correlationId: traceId } },
      );
      if (result.outcome === 'refused')
        throw new TurnledgerError(result.reason, { members: { version: result.state.versions.length } });
      // Another designer's version may stand behind ours by now.
      const ours = result.state.versions.findLast((one) => one.configHash === decidedHash);
      if (!ours) throw new TurnledgerError('invariant_broken', { detail: 'a configured scenario has no version' });
      const { version, configHash } = ours;
      const log_position = positionToken({ stream, revision: result.revision });
      const isNew = version > versionsBefore;
      return json(
        isNew ? 201 : 200,
        { scenario_id: scenarioId, version, config_hash: configHash, log_position },
        { etag: `"${version}"` },
      );
    },
  });

function requireEndpoints({ models }: ScenarioConfig, endpoints: ReadonlySet<string>): void {
  const index = models.findIndex(({ endpoint }) => !endpoints.has(endpoint));
  if (index < 0) return;
  throw new TurnledgerError('endpoint_unknown', {
    fields: [{ pointer: `/models/${index}/endpoint`, message: 'is not configured' }],
  });
}
