import { toTurnInput, turnBody } from '@turnledger/shared/contracts';
import { defineRoute, idParam, principalOf, type Route, roles } from '@turnledger/shared/runtime';
import { requestTurnInSession } from '../handle-turn.ts';
import { readIdempotencyKey } from '../idempotency.ts';
import type { CommandPorts } from '../ports.ts';
import { deliveryOf, replyTurn } from '../reply-turn.ts';

/** A turn in a session that is already open. */
export const requestTurnRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/turns',
    summary: 'Answer one player input in a session',
    access: roles,
    body: turnBody,
    async handle(request) {
      const input = toTurnInput(request.body);
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      const key = readIdempotencyKey(request.header('idempotency-key'), ports.ids);
      const caller = { principal: principalOf(request.caller), key, traceId: request.traceId };
      const accepted = await requestTurnInSession(ports, input, { sessionId }, caller);
      return replyTurn(ports, accepted, deliveryOf(request, input.wantsStream), key, request.signal);
    },
  });
