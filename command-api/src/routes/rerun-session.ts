import {
  recordedRerunSchema,
  rerunEstimateSchema,
  rerunSessionBody,
  toRerunOverrides,
} from '@turnledger/shared/contracts';
import { defineRoute, idParam, type Route, requireSession } from '@turnledger/shared/runtime';
import { answerRerun, keyedRerun } from '../keyed-rerun.ts';
import { planRerun } from '../plan-rerun.ts';
import type { CommandPorts } from '../ports.ts';
import { turnsOfSession } from '../repeatable-turns.ts';

/** Asks the recorded turns of a session again, in sessions of its own; the session stays as it is, and nobody in it is told. */
export const rerunSessionRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/reruns',
    summary: 'Ask the recorded turns of a session again, and compare',
    access: ['game', 'operator'],
    headers: ['Idempotency-Key'],
    replies: {
      200: {
        description: 'The re-run that this key made before; of a dry run, what it would come to.',
        schema: recordedRerunSchema.or(rerunEstimateSchema),
      },
      202: { description: 'The re-run is recorded, and runs.', schema: recordedRerunSchema },
    },
    body: rerunSessionBody,
    async handle(request) {
      const { body, caller } = request;
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      await requireSession(ports, caller, sessionId, 'session_not_found');
      const keyed = keyedRerun(ports, request, 'session', sessionId);
      return answerRerun(ports, keyed, body.dry_run, async () => {
        const turns = await turnsOfSession(ports, sessionId, body.through_turn_id);
        return planRerun(ports, turns, { ...body, overrides: toRerunOverrides(body.overrides) });
      });
    },
  });
