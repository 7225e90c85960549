import {
  moveVerdictBody,
  positionToken,
  recordedTurnSchema,
  sessionStream,
  TurnledgerError,
  toMoveVerdict,
  turnDocument,
} from '@turnledger/shared/contracts';
import { judgeMove, type SessionState } from '@turnledger/shared/domain';
import { defineRoute, idParam, json, type Route, readTurn, requireSession } from '@turnledger/shared/runtime';
import { actorOfCaller } from '../actor-of-caller.ts';
import { readIfMatch, refusal } from '../if-match.ts';
import type { CommandPorts } from '../ports.ts';

/** Records what the game made of a turn's move, once; also after the session has ended. Asked again, it answers the same. */
export const judgeMoveRoute = ({ ledger, vault }: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/turns/:turn_id/move',
    summary: 'Accept or reject the move of a turn; why it was rejected is told to the model',
    access: ['game', 'operator'],
    headers: ['If-Match'],
    replies: { 200: { description: 'The turn, with the verdict.', schema: recordedTurnSchema } },
    body: moveVerdictBody,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      const turnId = idParam(request, 'turn_id', 'turn_not_found');
      await requireSession({ ledger, vault }, request.caller, sessionId, 'turn_not_found');
      const actor = await actorOfCaller(request.caller, vault);
      const stream = sessionStream(sessionId);
      const expectedRevision = readIfMatch(request);
      const command = {
        turnId,
        verdict: toMoveVerdict(request.body),
        ...(expectedRevision !== undefined && { expectedRevision }),
      };
      const recorded = (state: SessionState) =>
        readTurn({ sessions: ledger.sessions, vault }, sessionId, state, turnId);
      const result = await ledger.sessions.transact(
        stream,
        async (state) => {
          const { moveVerdict } = (await recorded(state)) ?? {};
          const recordedReason = moveVerdict?.verdict === 'rejected' ? { recordedReason: moveVerdict.reason } : {};
          return judgeMove({ ...command, ...recordedReason }, state);
        },
        { context: { actor, correlationId: request.traceId } },
      );
      if (result.outcome === 'refused') throw refusal(result.reason, result.state.revision, { turn_id: turnId });
      const turn = await recorded(result.state);
      if (!turn) throw new TurnledgerError('invariant_broken', { detail: 'a judged turn cannot be read' });
      return json(200, { ...turnDocument(turn), log_position: positionToken({ stream, revision: result.revision }) });
    },
  });
