import { recordedRerunSchema, rerunBody, rerunEstimateSchema, toRerunOverrides } from '@turnledger/shared/contracts';
import { defineRoute, gameOf, type Route } from '@turnledger/shared/runtime';
import { answerRerun, keyedRerun } from '../keyed-rerun.ts';
import { planRerun } from '../plan-rerun.ts';
import type { CommandPorts } from '../ports.ts';
import { turnsOfScenario } from '../repeatable-turns.ts';
import { requireScenarioVersion } from '../scenario-version.ts';

/** Asks the recorded turns of many sessions of a scenario again; a token that is bound to a game those of that game. */
export const rerunScenarioRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/reruns',
    summary: 'Ask the recorded turns of many sessions again, and compare',
    access: ['game', 'operator'],
    headers: ['Idempotency-Key'],
    replies: {
      200: {
        description: 'The re-run that this key made before; of a dry run, what it would come to.',
        schema: recordedRerunSchema.or(rerunEstimateSchema),
      },
      202: { description: 'The re-run is recorded, and runs.', schema: recordedRerunSchema },
    },
    body: rerunBody,
    async handle(request) {
      const { body, caller } = request;
      const { scenario_id: scenarioId, scenario_version: scenarioVersion, from, to } = body;
      const gameId = gameOf(caller, body.game_id);
      const keyed = keyedRerun(ports, request, 'scenario', scenarioId);
      return answerRerun(ports, keyed, body.dry_run, async () => {
        await requireScenarioVersion(ports.ledger, scenarioId, scenarioVersion);
        const turns = await turnsOfScenario(ports, { scenarioId, scenarioVersion, gameId, from, to });
        return planRerun(ports, turns, { ...body, overrides: toRerunOverrides(body.overrides) });
      });
    },
  });
