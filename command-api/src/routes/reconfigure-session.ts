import { reconfigureBody, recordedSessionSchema, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { reconfigureSession } from '@turnledger/shared/domain';
import {
  defineRoute,
  idParam,
  json,
  pinnedScenario,
  type Route,
  requireSession,
  sessionHint,
} from '@turnledger/shared/runtime';
import { actorOfCaller } from '../actor-of-caller.ts';
import { readIfMatch, refusal } from '../if-match.ts';
import type { CommandPorts } from '../ports.ts';
import { recordedSession } from '../recorded-session.ts';

/** Moves a session to another version of its scenario; its next turns are played under it. Asked again, it answers the same. */
export const reconfigureSessionRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/reconfigure',
    summary: 'Play the next turns of a session under another version of its scenario',
    access: ['game', 'operator'],
    headers: ['If-Match'],
    replies: {
      200: { description: 'The session; its next turn is played under that version.', schema: recordedSessionSchema },
    },
    body: reconfigureBody,
    async handle(request) {
      const { ledger, vault } = ports;
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      const actor = await actorOfCaller(request.caller, vault);
      const stream = sessionStream(sessionId);
      const { scenario_version: scenarioVersion, reason } = request.body;
      const expectedRevision = readIfMatch(request);
      const { status, scenarioId } = await ledger.sessions.load(stream, Number.POSITIVE_INFINITY);
      if (status === 'none') throw new TurnledgerError('session_not_found');
      await pinnedScenario(ledger, { scenarioId, scenarioVersion });
      const command = {
        scenarioVersion,
        ...(reason !== undefined && { reason }),
        ...(expectedRevision !== undefined && { expectedRevision }),
      };
      const result = await ledger.sessions.transact(stream, (state) => reconfigureSession(command, state), {
        context: { actor, correlationId: request.traceId },
      });
      if (result.outcome === 'refused') throw refusal(result.reason, result.state.revision);
      void ports.feed.publish(sessionId, sessionHint(result.revision));
      const { document, headers } = await recordedSession(ports, sessionId, result.revision);
      return json(200, document, headers);
    },
  });
