import { positionToken, retireBody, retiredSchema, scenarioStream } from '@turnledger/shared/contracts';
import { retireScenario } from '@turnledger/shared/domain';
import { defineRoute, json, type Route, requireUnbound, scenarioIdParam } from '@turnledger/shared/runtime';
import { etagOf, readScenarioIfMatch, refusal } from '../if-match.ts';
import type { CommandPorts } from '../ports.ts';

/** Retires a scenario for good: no new session takes it, nobody configures it, sessions under way go on. Asked again, it answers the same. */
export const retireScenarioRoute = ({ ledger }: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/scenarios/:scenario_id/retire',
    summary: 'Retire a scenario: no new session takes it, sessions under way go on',
    access: ['game', 'operator'],
    headers: ['If-Match'],
    replies: { 200: { description: 'The scenario takes no new sessions.', schema: retiredSchema } },
    body: retireBody,
    async handle(request) {
      requireUnbound(request.caller);
      const scenarioId = scenarioIdParam(request);
      const stream = scenarioStream(scenarioId);
      const { reason } = request.body;
      const expected = readScenarioIfMatch(request);
      const command = {
        ...(reason !== undefined && { reason }),
        ...(expected !== undefined && { expected }),
      };
      const result = await ledger.scenarios.transact(stream, (state) => retireScenario(command, state), {
        context: { actor: request.caller.role, correlationId: request.traceId },
      });
      const { versions, promotedVersion } = result.state;
      if (result.outcome === 'refused') throw refusal(result.reason, versions.length);
      const log_position = positionToken({ stream, revision: result.revision });
      return json(
        200,
        { scenario_id: scenarioId, version: promotedVersion, retired: true, log_position },
        etagOf(versions.length),
      );
    },
  });
