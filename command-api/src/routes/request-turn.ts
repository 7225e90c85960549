import { acceptedTurnSchema, completedTurnSchema, toTurnInput, turnBody } from '@turnledger/shared/contracts';
import { defineRoute, idParam, type Route, requireSession, roles } from '@turnledger/shared/runtime';
import { requestTurnInSession } from '../handle-turn.ts';
import { readIfMatch } from '../if-match.ts';
import { ofCaller } from '../of-caller.ts';
import { deliveryOf, replyTurn } from '../reply-turn.ts';
import { requesterOf } from '../requester.ts';
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
      const requester = requesterOf(request, ports.ids);
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      const accepted = await requestTurnInSession(
        ports,
        input,
        { sessionId, expectedRevision: readIfMatch(request) },
        requester,
      );
      return replyTurn(ports, accepted, deliveryOf(request, input.wantsStream), requester.key, request.signal);
    },
  });
