import {
  limits,
  parseBookmarkToken,
  recordedSessionSchema,
  rewindBody,
  sessionStream,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import { rewindSession } from '@turnledger/shared/domain';
import { defineRoute, idParam, json, type Route, requireSession, roles } from '@turnledger/shared/runtime';
import { actorOfCaller } from '../actor-of-caller.ts';
import { derivedMarkId, idempotencyHeader } from '../idempotency.ts';
import { readIfMatch, refusal } from '../if-match.ts';
import { withRetryAdvice } from '../outcome-unknown.ts';
import { bodyHmac } from '../plan-session.ts';
import type { CommandPorts } from '../ports.ts';
import { recordedSession } from '../recorded-session.ts';
import { requesterOf } from '../requester.ts';

/** Takes a session back to an earlier turn: what came after leaves its history and stays in its record. */
export const rewindSessionRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/rewind',
    summary: 'Take a session back to an earlier turn',
    access: roles,
    headers: ['Idempotency-Key', 'If-Match'],
    replies: { 200: { description: 'The session, as it goes on from there.', schema: recordedSessionSchema } },
    body: rewindBody,
    async handle(request) {
      const { ledger, vault, ids } = ports;
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      const { key } = requesterOf(request, ids);
      const actor = await actorOfCaller(request.caller, vault);
      const stream = sessionStream(sessionId);
      const { keyId } = await ledger.sessions.load(stream, Number.POSITIVE_INFINITY);
      const { to_turn_id, to_bookmark, reason } = request.body;
      const toTurnId = to_bookmark === undefined ? (to_turn_id ?? undefined) : turnOfBookmark(to_bookmark, sessionId);
      const expectedRevision = readIfMatch(request);
      const command = {
        rewindId: derivedMarkId('rewind', sessionId, key.value),
        by: actor,
        bodyHmac: await bodyHmac(ports, keyId, request.body),
        maxRewinds: limits.session.maxRewinds,
        ...(toTurnId !== undefined && { toTurnId }),
        ...(reason !== undefined && { reason }),
        ...(expectedRevision !== undefined && { expectedRevision }),
      };
      const result = await ledger.sessions
        .transact(stream, (state) => rewindSession(command, state), {
          context: { actor, correlationId: request.traceId },
        })
        .catch((thrown: unknown) => Promise.reject(withRetryAdvice(thrown, key, { session_id: sessionId })));
      if (result.outcome === 'refused') {
        const members = result.turnId === undefined ? {} : { turn_id: result.turnId };
        throw refusal(result.reason, result.state.revision, members);
      }
      const { document, headers } = await recordedSession(ports, sessionId, result.revision);
      const isReplay = result.outcome === 'unchanged';
      return json(200, document, {
        ...headers,
        ...idempotencyHeader(key),
        ...(isReplay && { 'idempotency-replayed': 'true' }),
      });
    },
  });

/** Throws `request_invalid` for what is no bookmark of this session. */
function turnOfBookmark(token: string, sessionId: string): string {
  const bookmark = parseBookmarkToken(token);
  if (bookmark?.sessionId === sessionId) return bookmark.turnId;
  const message = bookmark ? 'is a bookmark of another session' : 'is no bookmark';
  throw new TurnledgerError('request_invalid', { fields: [{ pointer: '/to_bookmark', message }] });
}
