import { generateBody, toTurnInput } from '@turnledger/shared/contracts';
import { defineRoute, principalOf, type Route, roles } from '@turnledger/shared/runtime';
import { requestTurnInNewSession, requestTurnInSession } from '../handle-turn.ts';
import { readIdempotencyKey } from '../idempotency.ts';
import type { CommandPorts } from '../ports.ts';
import { deliveryOf, replyTurn } from '../reply-turn.ts';

/** One player input, one reply; without a session one is opened for it, so that every call is recorded alike. */
export const generateRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/llm/generate',
    summary: 'Answer one player input in character',
    access: roles,
    body: generateBody,
    async handle(request) {
      const { session_id: sessionId, scenario_id: scenarioId, game_id: gameId, ...turn } = request.body;
      const input = toTurnInput(turn);
      const key = readIdempotencyKey(request.header('idempotency-key'), ports.ids);
      const caller = { principal: principalOf(request.caller), key, traceId: request.traceId };
      const accepted =
        sessionId === undefined
          ? await requestTurnInNewSession(
              ports,
              input,
              {
                scenarioId: scenarioId ?? 'default',
                ...(input.playerId !== undefined && { playerId: input.playerId }),
                ...(gameId !== undefined && { gameId }),
              },
              caller,
            )
          : await requestTurnInSession(ports, input, { sessionId, gameId, scenarioId }, caller);
      return replyTurn(ports, accepted, deliveryOf(request, input.wantsStream), key, request.signal);
    },
  });
