import { acceptedTurnSchema, completedTurnSchema, generateBody, toTurnInput } from '@turnledger/shared/contracts';
import { defineRoute, type Route, requireSession, roles } from '@turnledger/shared/runtime';
import { requestTurnInNewSession, requestTurnInSession } from '../handle-turn.ts';
import { ofCaller, ofGame } from '../of-caller.ts';
import { deliveryOf, replyTurn } from '../reply-turn.ts';
import { requesterOf } from '../requester.ts';
import type { TurnPorts } from '../turn-ports.ts';

/** One player input, one reply; without a session one is opened for it, so that every call is recorded alike. */
export const generateRoute = (ports: TurnPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/llm/generate',
    summary: 'Answer one player input, or a trigger, in character',
    access: roles,
    headers: ['Idempotency-Key', 'Prefer'],
    replies: {
      200: { description: 'The turn with its reply.', schema: completedTurnSchema, orEvents: true },
      202: { description: 'The turn is recorded and not waited for.', schema: acceptedTurnSchema },
    },
    body: generateBody,
    async handle(request) {
      const { session_id: sessionId, scenario_id: scenarioId, game_id: gameId, ...turn } = request.body;
      const input = ofCaller(request.caller, toTurnInput(turn));
      const requester = requesterOf(request, ports.ids);
      if (sessionId !== undefined) await requireSession(ports, request.caller, sessionId, 'session_not_found');
      const accepted =
        sessionId === undefined
          ? await requestTurnInNewSession(
              ports,
              input,
              {
                scenarioId: scenarioId ?? 'default',
                ...(input.playerId !== undefined && { playerId: input.playerId }),
                ...ofGame(request.caller, gameId),
              },
              requester,
            )
          : await requestTurnInSession(ports, input, { sessionId, gameId, scenarioId }, requester);
      return replyTurn(ports, accepted, deliveryOf(request, input.wantsStream), requester.key, request.signal);
    },
  });
