import { forkBody, recordedSessionSchema, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { forkAgain, forkSession, type SessionState } from '@turnledger/shared/domain';
import { defineRoute, json, type Route, roles } from '@turnledger/shared/runtime';
import { bookmarkedTurn } from '../bookmarked-turn.ts';
import { idempotencyHeader } from '../idempotency.ts';
import { openKeyedCommand } from '../keyed-command.ts';
import { withRetryAdvice } from '../outcome-unknown.ts';
import { planFork } from '../plan-fork.ts';
import type { CommandPorts } from '../ports.ts';
import { recordedSession } from '../recorded-session.ts';

/** Opens a session that goes on from a turn of another. The past is shared and not copied; neither session sees what the other does next. */
export const forkSessionRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/fork',
    summary: 'Go on from a turn of a session in a new session',
    access: roles,
    headers: ['Idempotency-Key'],
    replies: {
      200: { description: 'The fork that this key made before.', schema: recordedSessionSchema },
      201: { description: 'A new session.', schema: recordedSessionSchema },
    },
    body: forkBody,
    async handle(request) {
      const { markId: forkId, sessionId, key, actor, traceId, said } = await openKeyedCommand(ports, request, 'fork');
      const { at_turn_id, at_bookmark, scenario_version: scenarioVersion, metadata } = request.body;
      const turnId = at_bookmark === undefined ? at_turn_id : bookmarkedTurn(at_bookmark, sessionId, 'at_bookmark');
      const asked = { bodyHmac: said.bodyHmac, ...(metadata && { metadata }) };
      // Planned only where the key has made none: a fork stays what it is, whatever became of its session.
      const decide = async (state: SessionState) =>
        state.status === 'none'
          ? forkSession({ ...(await planFork(ports, { forkId, sessionId, turnId, scenarioVersion })), ...asked }, state)
          : forkAgain(asked, state);
      const options = { context: { actor, correlationId: traceId } };
      const result = await ports.ledger.sessions
        .transact(sessionStream(forkId), decide, options)
        .catch((thrown: unknown) => Promise.reject(withRetryAdvice(thrown, key, { session_id: forkId })));
      if (result.outcome === 'refused') throw new TurnledgerError(result.reason);
      const isReplay = result.outcome === 'unchanged';
      const { document, headers } = await recordedSession(ports, forkId, result.revision);
      return json(isReplay ? 200 : 201, document, {
        location: `/v1/sessions/${forkId}`,
        ...headers,
        ...idempotencyHeader(key),
        ...(isReplay && { 'idempotency-replayed': 'true' }),
      });
    },
  });
