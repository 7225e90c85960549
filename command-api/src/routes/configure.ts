import {
  type ConfigureBody,
  configureBody,
  configuredSchema,
  defaultScenarioConfig,
  mergeConfiguration,
  positionToken,
  scenarioStream,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import {
  type ConfigureRequest,
  configureScenario,
  type ScenarioConfig,
  type ScenarioState,
  versionOfKey,
} from '@turnledger/shared/domain';
import {
  compileMoves,
  defineRoute,
  json,
  type KnownEndpoints,
  principalOf,
  type Route,
  requireUnbound,
} from '@turnledger/shared/runtime';
import { contentHash } from '@turnledger/shared/trust';
import { type IdempotencyKey, idempotencyHeader, readIdempotencyKey } from '../idempotency.ts';
import { etagOf, readScenarioIfMatch } from '../if-match.ts';
import { withRetryAdvice } from '../outcome-unknown.ts';
import type { CommandPorts } from '../ports.ts';
import { scenarioRefusal } from '../scenario-refusal.ts';

/**
 * Publishes a scenario version, in the full or the flat form. The same content again answers with the version that is there, the same key
 * with the one it made, also behind newer ones.
 */
export const configureRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/llm/configure',
    summary: 'Add a version of a scenario, and publish it unless asked not to',
    access: ['game', 'operator'],
    headers: ['If-Match', 'Idempotency-Key'],
    replies: {
      200: { description: 'The version that has this content already.', schema: configuredSchema },
      201: { description: 'A new version.', schema: configuredSchema },
    },
    body: configureBody,
    async handle(request) {
      const { body, header, caller, traceId } = request;
      requireUnbound(caller);
      // Once, before anything is decided: it takes up to 175 ms, and moves that are kept were checked when they came.
      if (body.moves) compileMoves(body.moves);
      const scenarioId = body.scenario_id ?? 'default';
      const stream = scenarioStream(scenarioId);
      const expected = readScenarioIfMatch(request);
      const key = readIdempotencyKey(header('idempotency-key'), ports.ids);
      const asked = requestOf(key, principalOf(caller), body);
      let versionsBefore = 0;
      let decidedHash = '';
      const result = await ports.ledger.scenarios
        .transact(
          stream,
          (state) => {
            versionsBefore = state.versions.length;
            const config = configWanted(state, body, asked, ports.endpoints);
            decidedHash = contentHash(config);
            return configureScenario(
              {
                config,
                configHash: decidedHash,
                publish: body.publish ?? true,
                ...(body.note !== undefined && { note: body.note }),
                ...(expected !== undefined && { expected }),
                ...(asked && { request: asked }),
              },
              state,
            );
          },
          { context: { actor: caller.role, correlationId: traceId } },
        )
        .catch((thrown: unknown) =>
          // Without a key of the client's the same content again is the same version, so that it may be sent again.
          Promise.reject(asked ? withRetryAdvice(thrown, key, { scenario_id: scenarioId }) : thrown),
        );
      const { versions } = result.state;
      if (result.outcome === 'refused') throw scenarioRefusal(result.reason, result.state);
      // Another designer's version may stand behind ours by now.
      const ours =
        (asked && versionOfKey(result.state, asked.keyHash)) ??
        versions.findLast((one) => one.configHash === decidedHash);
      if (!ours) throw new TurnledgerError('invariant_broken', { detail: 'a configured scenario has no version' });
      const { version, configHash } = ours;
      const log_position = positionToken({ stream, revision: result.revision });
      const isNew = version > versionsBefore;
      const isReplay = result.outcome === 'unchanged' && ours.request?.keyHash === asked?.keyHash;
      return json(
        isNew ? 201 : 200,
        { scenario_id: scenarioId, version, config_hash: configHash, log_position },
        {
          ...etagOf(version),
          ...(asked && idempotencyHeader(key)),
          ...(asked && isReplay && { 'idempotency-replayed': 'true' }),
        },
      );
    },
  });

/** What a key is remembered by: hashed with its caller, so that the keys of two never meet. A key that we made nobody can send again. */
function requestOf(key: IdempotencyKey, principal: string, body: ConfigureBody): ConfigureRequest | undefined {
  if (!key.isFromClient) return undefined;
  return { keyHash: contentHash([principal, key.value]), bodyHash: contentHash(body) };
}

/**
 * The configuration that a request asks for, on top of the newest one. A key that has made its version already is not merged again: what
 * others have changed since might no longer go with it. Throws `request_invalid`, `endpoint_unknown`.
 */
function configWanted(
  state: ScenarioState,
  body: ConfigureBody,
  asked: ConfigureRequest | undefined,
  endpoints: KnownEndpoints,
): ScenarioConfig {
  const made = asked && versionOfKey(state, asked.keyHash);
  if (made) return made;
  const config = mergeConfiguration(state.versions.at(-1) ?? defaultScenarioConfig, body);
  requireEndpoints(config, endpoints);
  return config;
}

function requireEndpoints({ models }: ScenarioConfig, endpoints: KnownEndpoints): void {
  const index = models.findIndex(({ endpoint }) => !endpoints.has(endpoint));
  if (index < 0) return;
  throw new TurnledgerError('endpoint_unknown', {
    fields: [{ pointer: `/models/${index}/endpoint`, message: 'is not configured' }],
  });
}
