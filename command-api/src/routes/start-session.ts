import { recordedSessionSchema, sessionStream, startSessionBody, TurnledgerError } from '@turnledger/shared/contracts';
import { startSession } from '@turnledger/shared/domain';
import { defineRoute, json, type Route, roles } from '@turnledger/shared/runtime';
import { idempotencyHeader } from '../idempotency.ts';
import { ofGame, ofPlayer } from '../of-caller.ts';
import { withRetryAdvice } from '../outcome-unknown.ts';
import { actorOf, bodyHmac, planSession } from '../plan-session.ts';
import type { CommandPorts } from '../ports.ts';
import { recordedSession } from '../recorded-session.ts';
import { requesterOf } from '../requester.ts';

/** Opens a session; turns are then asked for one by one. */
export const startSessionRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions',
    summary: 'Open a session of a scenario',
    access: roles,
    headers: ['Idempotency-Key'],
    replies: {
      200: { description: 'The session that this key opened before.', schema: recordedSessionSchema },
      201: { description: 'A new session.', schema: recordedSessionSchema },
    },
    body: startSessionBody,
    async handle(request) {
      const { body, caller, traceId } = request;
      const requester = requesterOf(request, ports.ids);
      const { key } = requester;
      const wanted = {
        scenarioId: body.scenario_id ?? 'default',
        ...(body.scenario_version !== undefined && { scenarioVersion: body.scenario_version }),
        ...ofPlayer(caller, body.player_id),
        ...ofGame(caller, body.game_id),
      };
      const { sessionId, start, speaker } = await planSession(ports, wanted, requester);
      const metadata = body.metadata;
      // The version is hashed as it was asked for: a retry after a new version was published is still the same request.
      const hashed = { ...wanted, playerId: speaker, ...(metadata && { metadata }) };
      const command = { ...start, bodyHmac: await bodyHmac(ports, start.keyId, hashed), ...(metadata && { metadata }) };
      const stream = sessionStream(sessionId);
      const options = { context: { actor: actorOf(caller.role, speaker), correlationId: traceId }, likelyNew: true };
      const result = await ports.ledger.sessions
        .transact(stream, (state) => startSession(command, state), options)
        .catch((thrown: unknown) => Promise.reject(withRetryAdvice(thrown, key, { session_id: sessionId })));
      if (result.outcome === 'refused') throw new TurnledgerError(result.reason);
      const isReplay = result.outcome === 'unchanged';
      const { document, headers } = await recordedSession(ports, sessionId, result.revision);
      return json(isReplay ? 200 : 201, document, {
        location: `/v1/sessions/${sessionId}`,
        ...headers,
        ...idempotencyHeader(key),
        ...(isReplay && { 'idempotency-replayed': 'true' }),
      });
    },
  });
