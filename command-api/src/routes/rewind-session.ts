import {
  limits,
  parseBookmarkToken,
  recordedSessionSchema,
  rewindBody,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import { rewindSession } from '@turnledger/shared/domain';
import { defineRoute, json, type Route, roles, sessionHint } from '@turnledger/shared/runtime';
import { idempotencyHeader } from '../idempotency.ts';
import { openKeyedCommand, recordKeyed } from '../keyed-command.ts';
import type { CommandPorts } from '../ports.ts';
import { recordedSession } from '../recorded-session.ts';

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
      const command = await openKeyedCommand(ports, request, 'rewind');
      const { markId: rewindId, sessionId, key, actor, said } = command;
      const { to_turn_id, to_bookmark, reason } = request.body;
      const toTurnId = to_bookmark === undefined ? (to_turn_id ?? undefined) : turnOfBookmark(to_bookmark, sessionId);
      const asked = {
        ...said,
        rewindId,
        by: actor,
        maxRewinds: limits.session.maxRewinds,
        ...(toTurnId !== undefined && { toTurnId }),
        ...(reason !== undefined && { reason }),
      };
      const { revision, isReplay } = await recordKeyed(ports, command, (now) => rewindSession(asked, now));
      void ports.feed.publish(sessionId, sessionHint(revision));
      const { document, headers } = await recordedSession(ports, sessionId, revision);
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
