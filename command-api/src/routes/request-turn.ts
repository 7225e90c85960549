import { acceptedTurnSchema, completedTurnSchema, toTurnInput, turnBody } from '@turnledger/shared/contracts';
import { defineRoute, idParam, principalOf, type Route, requireSession, roles } from '@turnledger/shared/runtime';
import { requestTurnInSession } from '../handle-turn.ts';
import { readIdempotencyKey } from '../idempotency.ts';
import { readIfMatch } from '../if-match.ts';
import { ofCaller } from '../of-caller.ts';
import { deliveryOf, replyTurn } from '../reply-turn.ts';
import type { TurnPorts } from '../turn-ports.ts';

/** A turn in a session that is already open. */
export const requestTurnRoute = (ports: TurnPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/turns',
    summary: 'Answer one player input, or a trigger, in a session',
    access: roles,
    headers: ['Idempotency-Key', 'If-Match', 'Prefer'],
    replies: {
      200: { description: 'The turn with its reply.', schema: completedTurnSchema, orEvents: true },
      202: { description: 'The turn is recorded and not waited for.', schema: acceptedTurnSchema },
    },
    body: turnBody,
    async handle(request) {
      const input = ofCaller(request.caller, toTurnInput(request.body));
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      const key = readIdempotencyKey(request.header('idempotency-key'), ports.ids);
      const caller = {
        principal: principalOf(request.caller),
        role: request.caller.role,
        key,
        traceId: request.traceId,
      };
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      const accepted = await requestTurnInSession(
        ports,
        input,
        { sessionId, expectedRevision: readIfMatch(request) },
        caller,
      );
      return replyTurn(ports, accepted, deliveryOf(request, input.wantsStream), key, request.signal);
    },
  });
