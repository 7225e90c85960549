import { limits, recordedSessionSchema, rewindBody } from '@turnledger/shared/contracts';
import { rewindSession } from '@turnledger/shared/domain';
import { defineRoute, inheritedPlace, json, type Route, roles, sessionHint } from '@turnledger/shared/runtime';
import { bookmarkedTurn } from '../bookmarked-turn.ts';
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
      const toTurnId =
        to_bookmark === undefined ? (to_turn_id ?? undefined) : bookmarkedTurn(to_bookmark, sessionId, 'to_bookmark');
      const { sessions } = ports.ledger;
      const state = await sessions.load(command.stream, Number.POSITIVE_INFINITY);
      const inherited = await inheritedPlace(sessions, { sessionId, state }, toTurnId);
      const asked = {
        ...said,
        rewindId,
        by: actor,
        maxRewinds: limits.session.maxRewinds,
        ...(toTurnId !== undefined && { toTurnId }),
        ...(inherited && { inherited }),
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
