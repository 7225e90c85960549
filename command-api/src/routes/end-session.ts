import { endSessionBody, recordedSessionSchema, sessionStream } from '@turnledger/shared/contracts';
import { endSession } from '@turnledger/shared/domain';
import {
  defineRoute,
  endingMessage,
  idParam,
  json,
  type Route,
  requireSession,
  roles,
  sessionHint,
  textSoFar,
} from '@turnledger/shared/runtime';
import { actorOfCaller } from '../actor-of-caller.ts';
import { readIfMatch, refusal } from '../if-match.ts';
import type { CommandPorts } from '../ports.ts';
import { recordedSession } from '../recorded-session.ts';

/** Ends a session; a turn that is still open is cancelled with it. Asked again, it answers the same. */
export const endSessionRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/end',
    summary: 'End a session',
    access: roles,
    headers: ['If-Match'],
    replies: { 200: { description: 'The session, ended.', schema: recordedSessionSchema } },
    body: endSessionBody,
    async handle(request) {
      const { ledger, vault, feed } = ports;
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      const actor = await actorOfCaller(request.caller, vault);
      const stream = sessionStream(sessionId);
      const { outcome, score } = request.body;
      const expectedRevision = readIfMatch(request);
      const command = {
        outcome: outcome ?? 'completed',
        by: request.caller.role === 'player' ? 'player' : 'game',
        actor,
        ...(score !== undefined && { score }),
        ...(expectedRevision !== undefined && { expectedRevision }),
      } as const;
      let openTurnId: string | undefined;
      const result = await ledger.sessions.transact(
        stream,
        async (state) => {
          openTurnId = state.openTurnId;
          const partial =
            openTurnId === undefined ? undefined : await textSoFar({ feed, vault }, openTurnId, request.signal);
          return endSession({ ...command, ...(partial !== undefined && { partial }) }, state);
        },
        { context: { actor, correlationId: request.traceId } },
      );
      if (result.outcome === 'refused') throw refusal(result.reason, result.state.revision);
      void feed.publish(sessionId, sessionHint(result.revision));
      if (openTurnId !== undefined) await feed.publish(openTurnId, endingMessage);
      const { document, headers } = await recordedSession(ports, sessionId, result.revision);
      return json(200, document, headers);
    },
  });
