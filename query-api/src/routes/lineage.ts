import {
  type LineageBookmark,
  type LineageRewind,
  lineageDocument,
  lineageSchema,
  sessionStream,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import { allTurns, isEffective, type SessionState } from '@turnledger/shared/domain';
import { defineRoute, idParam, openSessionEvent, type Route, requireSession, roles } from '@turnledger/shared/runtime';
import type { QueryPorts } from '../ports.ts';
import { positionQuery } from '../query-schemas.ts';
import { unlessKnown } from '../unless-known.ts';
import { waitForPosition } from '../wait-for-position.ts';

/** All that a session ever was: its turns as a tree, its rewinds and its bookmarks. From the log, as a re-render is. */
export const lineageRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id/lineage',
    summary: 'Show every turn of a session and what it followed, rewound ones too',
    access: roles,
    headers: ['If-None-Match'],
    replies: { 200: { description: 'The lineage.', schema: lineageSchema } },
    query: positionQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      await waitForPosition(ports, request.caller, request.query.min_position);
      const state = await ports.ledger.sessions.load(sessionStream(sessionId));
      if (state.status === 'none') throw new TurnledgerError('session_not_found');
      return unlessKnown(request, state.revision, () => lineageOf(ports, sessionId, state));
    },
  });

async function lineageOf({ ledger, vault }: QueryPorts, sessionId: string, state: SessionState) {
  const turns = allTurns(state).map((turn) => ({ ...turn, isKept: isEffective(state, turn) }));
  const from = new Map(state.rewinds.map(({ rewindId, fromTurnId }) => [rewindId, fromTurnId]));
  const rewinds: LineageRewind[] = [];
  const bookmarks: LineageBookmark[] = [];
  // The state keeps of a mark where it stands; who made it, and why, the event says.
  const revisions = [...state.rewinds, ...state.bookmarks].map(({ revision }) => revision);
  const events = await ledger.sessions.events(
    sessionStream(sessionId),
    Math.min(...revisions, state.revision + 1),
    Math.max(...revisions, 0),
  );
  for (const stored of events) {
    if (stored.type !== 'SessionRewound' && stored.type !== 'SessionBookmarked') continue;
    const { type, data } = await openSessionEvent(stored, vault);
    const recordedAt = stored.metadata.recordedAt ?? '';
    if (type === 'SessionBookmarked') bookmarks.push({ ...data, recordedAt });
    if (type !== 'SessionRewound') continue;
    const fromTurnId = from.get(data.rewindId);
    // Of a rewind that undid the ending alone, nothing was cut.
    const cut = fromTurnId !== undefined && fromTurnId !== data.toTurnId && { fromTurnId };
    rewinds.push({ ...data, recordedAt, ...cut });
  }
  return lineageDocument({ sessionId, turns, rewinds, bookmarks });
}
