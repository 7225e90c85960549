import {
  positionToken,
  recordedSessionSchema,
  sessionDocument,
  sessionStream,
  startSessionBody,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import { startSession } from '@turnledger/shared/domain';
import { defineRoute, json, outsideIds, principalOf, type Route, readSession, roles } from '@turnledger/shared/runtime';
import { idempotencyHeader, readIdempotencyKey } from '../idempotency.ts';
import { etagOf } from '../if-match.ts';
import { ofGame, ofPlayer } from '../of-caller.ts';
import { withRetryAdvice } from '../outcome-unknown.ts';
import { actorOf, bodyHmac, planSession } from '../plan-session.ts';
import type { CommandPorts } from '../ports.ts';

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
    async handle({ body, header, caller, traceId }) {
      const key = readIdempotencyKey(header('idempotency-key'), ports.ids);
      const request = {
        scenarioId: body.scenario_id ?? 'default',
        ...(body.scenario_version !== undefined && { scenarioVersion: body.scenario_version }),
        ...ofPlayer(caller, body.player_id),
        ...ofGame(caller, body.game_id),
      };
      const { sessionId, start, speaker } = await planSession(ports, request, {
        principal: principalOf(caller),
        role: caller.role,
        key,
        traceId,
      });
      const metadata = body.metadata;
      // The version is hashed as it was asked for: a retry after a new version was published is still the same request.
      const hashed = { ...request, playerId: speaker, ...(metadata && { metadata }) };
      const command = { ...start, bodyHmac: await bodyHmac(ports, start.keyId, hashed), ...(metadata && { metadata }) };
      const stream = sessionStream(sessionId);
      const options = { context: { actor: actorOf(caller.role, speaker), correlationId: traceId }, likelyNew: true };
      const result = await ports.ledger.sessions
        .transact(stream, (state) => startSession(command, state), options)
        .catch((thrown: unknown) => Promise.reject(withRetryAdvice(thrown, key, { session_id: sessionId })));
      if (result.outcome === 'refused') throw new TurnledgerError(result.reason);
      const session = await readSession({ sessions: ports.ledger.sessions, vault: ports.vault }, sessionId);
      if (!session) throw new TurnledgerError('invariant_broken', { detail: 'a started session cannot be read' });
      const isReplay = result.outcome === 'unchanged';
      const document = sessionDocument(session, await outsideIds(ports, session.participants));
      return json(
        isReplay ? 200 : 201,
        { ...document, log_position: positionToken({ stream, revision: result.revision }) },
        {
          location: `/v1/sessions/${sessionId}`,
          ...etagOf(session.revision),
          ...idempotencyHeader(key),
          ...(isReplay && { 'idempotency-replayed': 'true' }),
        },
      );
    },
  });
