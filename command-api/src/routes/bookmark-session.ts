import {
  bookmarkBody,
  bookmarkDocument,
  bookmarkSchema,
  limits,
  sessionStream,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import { bookmarkSession, turnOf } from '@turnledger/shared/domain';
import { defineRoute, idParam, json, type Route, requireSession, roles } from '@turnledger/shared/runtime';
import { actorOfCaller } from '../actor-of-caller.ts';
import { derivedMarkId, idempotencyHeader } from '../idempotency.ts';
import { readIfMatch, refusal } from '../if-match.ts';
import { withRetryAdvice } from '../outcome-unknown.ts';
import { bodyHmac } from '../plan-session.ts';
import type { CommandPorts } from '../ports.ts';
import { requesterOf } from '../requester.ts';

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
      const { ledger, vault, ids } = ports;
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      const { key } = requesterOf(request, ids);
      const actor = await actorOfCaller(request.caller, vault);
      const stream = sessionStream(sessionId);
      const { keyId } = await ledger.sessions.load(stream, Number.POSITIVE_INFINITY);
      const bookmarkId = derivedMarkId('bookmark', sessionId, key.value);
      const { turn_id: turnId, label } = request.body;
      const expectedRevision = readIfMatch(request);
      const command = {
        bookmarkId,
        bodyHmac: await bodyHmac(ports, keyId, request.body),
        maxBookmarks: limits.session.maxBookmarks,
        ...(turnId !== undefined && { turnId }),
        ...(label !== undefined && { label }),
        ...(expectedRevision !== undefined && { expectedRevision }),
      };
      const result = await ledger.sessions
        .transact(stream, (state) => bookmarkSession(command, state), {
          context: { actor, correlationId: request.traceId },
        })
        .catch((thrown: unknown) => Promise.reject(withRetryAdvice(thrown, key, { session_id: sessionId })));
      if (result.outcome === 'refused') {
        const members = result.turnId === undefined ? {} : { turn_id: result.turnId };
        throw refusal(result.reason, result.state.revision, members);
      }
      const { state, revision } = result;
      const bookmark = state.bookmarks.find((one) => one.bookmarkId === bookmarkId);
      const turn = bookmark && turnOf(state, bookmark.turnId);
      if (!turn) throw new TurnledgerError('invariant_broken', { detail: 'a bookmark cannot be read' });
      const place = { sessionId, turnId: turn.turnId, position: turn.position, stream, revision };
      const isReplay = result.outcome === 'unchanged';
      return json(
        isReplay ? 200 : 201,
        bookmarkDocument({ bookmarkId, ...place, ...(label !== undefined && { label }) }),
        { ...idempotencyHeader(key), ...(isReplay && { 'idempotency-replayed': 'true' }) },
      );
    },
  });
