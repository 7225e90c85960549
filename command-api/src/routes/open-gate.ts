import { gateBody, recordedRerunSchema, scenarioStream, toGateThresholds } from '@turnledger/shared/contracts';
import type { ScenarioState } from '@turnledger/shared/domain';
import { defineRoute, type Route, requireUnbound, scenarioIdParam } from '@turnledger/shared/runtime';
import { decideGate } from '../decide-gate.ts';
import { keyedRerun, recordRerun, repeatedRerun } from '../keyed-rerun.ts';
import { withRetryAdvice } from '../outcome-unknown.ts';
import { planRerun } from '../plan-rerun.ts';
import type { CommandPorts } from '../ports.ts';
import { turnsOfScenario } from '../repeatable-turns.ts';
import { scenarioRefusal } from '../scenario-refusal.ts';
import { requireScenarioVersion } from '../scenario-version.ts';

/**
 * Holds a version of a scenario back until recorded turns, asked again under it, meet thresholds; then it is what new sessions take. The gate is
 * recorded before its re-run: a request that dies between the two is repeated under its key, or makes way after a minute.
 */
export const openGateRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/scenarios/:scenario_id/gate',
    summary: 'Promote a version once recorded turns that are asked again under it meet thresholds',
    access: ['game', 'operator'],
    headers: ['Idempotency-Key'],
    replies: {
      200: { description: 'The re-run that this key made before.', schema: recordedRerunSchema },
      202: { description: 'The gate is open, and its re-run runs.', schema: recordedRerunSchema },
    },
    body: gateBody,
    async handle(request) {
      const { body, caller } = request;
      requireUnbound(caller);
      const scenarioId = scenarioIdParam(request);
      const keyed = keyedRerun(ports, request, 'gate', scenarioId);
      const repeated = await repeatedRerun(ports, keyed);
      if (repeated) return repeated;

      const { rerunId, key, context } = keyed;
      const { version, game_id: gameId, from, to } = body;
      const gate = { version, rerunId, thresholds: toGateThresholds(body.thresholds) };
      const decide = (state: ScenarioState) => decideGate(ports, scenarioId, gate, state);
      const stream = scenarioStream(scenarioId);
      const { scenarios } = ports.ledger;
      // Looked at before hundreds of sessions are; what counts is decided below.
      const before = await scenarios.load(stream);
      const foreseen = await decide(before);
      if (foreseen.outcome === 'refused') throw scenarioRefusal(foreseen.reason, before);

      const scenarioVersion = body.scenario_version ?? before.promotedVersion;
      await requireScenarioVersion(ports.ledger, scenarioId, scenarioVersion);
      const turns = await turnsOfScenario(ports, { scenarioId, scenarioVersion, gameId, from, to });
      const plan = await planRerun(ports, turns, { ...body, overrides: { scenarioVersion: version } });
      const opened = await scenarios
        .transact(stream, decide, { context })
        .catch((thrown: unknown) => Promise.reject(withRetryAdvice(thrown, key, { rerun_id: rerunId })));
      if (opened.outcome === 'refused') throw scenarioRefusal(opened.reason, opened.state);
      return recordRerun(ports, keyed, { ...plan.request, gateVersion: version });
    },
  });
