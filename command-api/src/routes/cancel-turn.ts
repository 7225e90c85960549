import { positionToken, sessionStream, TurnledgerError, turnDocument } from '@turnledger/shared/contracts';
import { cancelTurn } from '@turnledger/shared/domain';
import {
  defineRoute,
  endingMessage,
  idParam,
  json,
  type Route,
  readTurn,
  roles,
  textSoFar,
} from '@turnledger/shared/runtime';
import type { CommandPorts } from '../ports.ts';

/** Cancels an open turn; the call to the model is aborted within a second. Asked again, it answers the same. */
export const cancelTurnRoute = ({ ledger, vault, feed }: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/turns/:turn_id/cancel',
    summary: 'Cancel an open turn',
    access: roles,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      const turnId = idParam(request, 'turn_id', 'turn_not_found');
      const stream = sessionStream(sessionId);
      const partial = await textSoFar({ feed, vault }, turnId, request.signal);
      const command = { turnId, by: 'game', reason: 'requested', ...(partial !== undefined && { partial }) } as const;
      const result = await ledger.sessions.transact(stream, (state) => cancelTurn(command, state), {
        context: { actor: 'game', correlationId: request.traceId },
      });
      if (result.outcome === 'refused') throw new TurnledgerError(result.reason, { members: { turn_id: turnId } });
      await feed.publish(turnId, endingMessage);
      const record = await readTurn({ sessions: ledger.sessions, vault }, sessionId, result.state, turnId);
      if (!record) throw new TurnledgerError('invariant_broken', { detail: 'a cancelled turn cannot be read' });
      return json(200, { ...turnDocument(record), log_position: positionToken({ stream, revision: result.revision }) });
    },
  });
