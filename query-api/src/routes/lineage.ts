import {
  type LineageBookmark,
  type LineageFork,
  type LineageRewind,
  lineageDocument,
  lineageSchema,
  sessionStream,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import { allTurns, isEffective, type SessionState } from '@turnledger/shared/domain';
import {
  defineRoute,
  idParam,
  inheritedTurns,
  isKeptBy,
  openSessionEvent,
  type Route,
  requireSession,
  roles,
} from '@turnledger/shared/runtime';
import type { QueryPorts } from '../ports.ts';
import { listForks } from '../queries/list-forks.ts';
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
      const forks = await listForks(ports.views, sessionId);
      return unlessKnown(request, `${state.revision}.${forks.length}`, () => lineageOf(ports, sessionId, state, forks));
    },
  });

async function lineageOf(
  { ledger, vault }: QueryPorts,
  sessionId: string,
  state: SessionState,
  forks: readonly LineageFork[],
) {
  const point = { sessionId, state };
  const inherited = await inheritedTurns(ledger.sessions, point);
  const own = allTurns(state).map((turn) => ({ ...turn, sessionId, isKept: isEffective(state, turn) }));
  const turns = [
    ...inherited.map((past) => ({ ...past.turn, sessionId: past.sessionId, isKept: isKeptBy(point, past) })),
    ...own,
  ];
  const last = inherited.at(-1);
  const forkedFrom = last && { sessionId: last.sessionId, turnId: last.turn.turnId, position: last.turn.position };
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
  return lineageDocument({ sessionId, forkedFrom, forks, turns, rewinds, bookmarks });
}
