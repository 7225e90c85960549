import {
  positionToken,
  recordedTurnSchema,
  sessionStream,
  TurnledgerError,
  turnDocument,
} from '@turnledger/shared/contracts';
import { cancelTurn } from '@turnledger/shared/domain';
import {
  defineRoute,
  endingMessage,
  idParam,
  json,
  type Route,
  readTurn,
  requireSession,
  roles,
  textSoFar,
} from '@turnledger/shared/runtime';
import { actorOfCaller } from '../actor-of-caller.ts';
import { readIfMatch, refusal } from '../if-match.ts';
import type { CommandPorts } from '../ports.ts';

/** Cancels an open turn; the call to the model is aborted within a second. Asked again, it answers the same. */
export const cancelTurnRoute = ({ ledger, vault, feed }: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/turns/:turn_id/cancel',
    summary: 'Cancel an open turn',
    access: roles,
    headers: ['If-Match'],
    replies: { 200: { description: 'The turn, cancelled.', schema: recordedTurnSchema } },
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      const turnId = idParam(request, 'turn_id', 'turn_not_found');
      await requireSession({ ledger, vault }, request.caller, sessionId, 'turn_not_found');
      const actor = await actorOfCaller(request.caller, vault);
      const stream = sessionStream(sessionId);
      const partial = await textSoFar({ feed, vault }, turnId, request.signal);
      const expectedRevision = readIfMatch(request);
      const command = {
        turnId,
        by: actor,
        reason: 'requested',
        ...(partial !== undefined && { partial }),
        ...(expectedRevision !== undefined && { expectedRevision }),
      } as const;
      const result = await ledger.sessions.transact(stream, (state) => cancelTurn(command, state), {
        context: { actor, correlationId: request.traceId },
      });
      if (result.outcome === 'refused') throw refusal(result.reason, result.state.revision, { turn_id: turnId });
      await feed.publish(turnId, endingMessage);
      const record = await readTurn({ sessions: ledger.sessions, vault }, sessionId, result.state, turnId);
      if (!record) throw new TurnledgerError('invariant_broken', { detail: 'a cancelled turn cannot be read' });
      return json(200, { ...turnDocument(record), log_position: positionToken({ stream, revision: result.revision }) });
    },
  });
