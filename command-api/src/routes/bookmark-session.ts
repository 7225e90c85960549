import { bookmarkBody, bookmarkDocument, bookmarkSchema, limits, TurnledgerError } from '@turnledger/shared/contracts';
import { bookmarkSession, turnOf } from '@turnledger/shared/domain';
import { defineRoute, inheritedPlace, json, type Route, roles } from '@turnledger/shared/runtime';
import { idempotencyHeader } from '../idempotency.ts';
import { openKeyedCommand, recordKeyed } from '../keyed-command.ts';
import type { CommandPorts } from '../ports.ts';

/** Marks a turn as a place to come back to. What it answers as `bookmark` fits into a game's own save file. */
export const bookmarkSessionRoute = (ports: CommandPorts): Route =>
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/bookmarks',
    summary: 'Mark a turn to come back to',
    access: roles,
    headers: ['Idempotency-Key', 'If-Match'],
    replies: {
      200: { description: 'The bookmark that this key made before.', schema: bookmarkSchema },
      201: { description: 'A new bookmark.', schema: bookmarkSchema },
    },
    body: bookmarkBody,
    async handle(request) {
      const command = await openKeyedCommand(ports, request, 'bookmark');
      const { markId: bookmarkId, sessionId, stream, key, said } = command;
      const { turn_id: turnId, label } = request.body;
      const { sessions } = ports.ledger;
      const state = await sessions.load(stream, Number.POSITIVE_INFINITY);
      const inherited = await inheritedPlace(sessions, { sessionId, state }, turnId);
      const asked = {
        ...said,
        bookmarkId,
        maxBookmarks: limits.session.maxBookmarks,
        ...(turnId !== undefined && { turnId }),
        ...(label !== undefined && { label }),
        ...(inherited && { inherited }),
      };
      const {
        state: now,
        revision,
        isReplay,
      } = await recordKeyed(ports, command, (before) => bookmarkSession(asked, before));
      const bookmark = now.bookmarks.find((one) => one.bookmarkId === bookmarkId);
      const turn =
        bookmark &&
        (turnOf(now, bookmark.turnId) ?? (await inheritedPlace(sessions, { sessionId, state: now }, bookmark.turnId)));
      if (!turn) throw new TurnledgerError('invariant_broken', { detail: 'a bookmark cannot be read' });
      const place = { sessionId, turnId: turn.turnId, position: turn.position, stream, revision };
      return json(
        isReplay ? 200 : 201,
        bookmarkDocument({ bookmarkId, ...place, ...(label !== undefined && { label }) }),
        { ...idempotencyHeader(key), ...(isReplay && { 'idempotency-replayed': 'true' }) },
      );
    },
  });
