import { gameStateDocument, gameStateSchema, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { type GameStateRecord, gameStateOf, type SessionEvent, visibleState } from '@turnledger/shared/domain';
import {
  decodePlaced,
  defineRoute,
  idParam,
  newestStateIn,
  openRecord,
  type Route,
  requireSession,
  roles,
} from '@turnledger/shared/runtime';
import type { QueryPorts } from '../ports.ts';
import { findGameState, type GameStateFound } from '../queries/find-game-state.ts';
import { positionQuery } from '../query-schemas.ts';
import { unlessKnown } from '../unless-known.ts';
import { waitForPosition } from '../wait-for-position.ts';

/**
 * The newest game state of a session. A game and an operator see all of it, a player the parts that the scenario's `view.public` names, each
 * under its pointer.
 */
export const gameStateRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id/state',
    summary: "Show a session's newest game state",
    access: roles,
    headers: ['If-None-Match'],
    replies: { 200: { description: 'The newest state; all null before the first.', schema: gameStateSchema } },
    query: positionQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      await waitForPosition(ports, request.caller, request.query.min_position);
      const own = await findGameState(ports.views, sessionId);
      if (!own) throw new TurnledgerError('session_not_found');
      const found = own.state ? own : { ...own, state: await inheritedState(ports, sessionId) };
      // A turn brings one state; what a player may see of it changes with the scenario version that the session is played under.
      const tag = `${found.state?.turnId ?? 'none'}.${found.scenarioVersion}`;
      return unlessKnown(request, tag, () => documentOf(ports, sessionId, found, request.caller.role === 'player'));
    },
  });

/** The state that a fork began with; null for a session that is none. From the log: what a fork sees of its past no later event of another session changes. */
async function inheritedState(
  { ledger: { sessions } }: QueryPorts,
  sessionId: string,
): Promise<GameStateRecord<'sealed'> | null> {
  const stream = sessionStream(sessionId);
  // Whether it is a fork never changes; how much of its past it still has, another process may have changed just now.
  if ((await sessions.load(stream, Number.POSITIVE_INFINITY)).lineage.length === 0) return null;
  const state = await sessions.load(stream);
  const past = await newestStateIn(sessions, { sessionId, state });
  if (!past) return null;
  const { requestedRevision: revision } = past.turn;
  const [stored] = await sessions.events(sessionStream(past.sessionId), revision, revision);
  if (!stored) throw new TurnledgerError('invariant_broken', { detail: 'a turn with a state is not in the log' });
  const context = { sessionId: past.sessionId, revision, recordedAt: stored.metadata.recordedAt ?? '' };
  return gameStateOf(decodePlaced(stored) as SessionEvent<'sealed'>, context) ?? null;
}

async function documentOf(
  { vault }: QueryPorts,
  sessionId: string,
  { state: sealed, publicPointers }: GameStateFound,
  isPublic: boolean,
) {
  if (!sealed) return gameStateDocument(sessionId, undefined, null);
  const state = await openRecord<GameStateRecord<'opened'>>(sealed, sessionStream(sealed.sessionId), vault);
  const data = isPublic ? (visibleState(state.data, publicPointers ?? []) ?? {}) : state.data;
  return gameStateDocument(sessionId, state, state.data === null ? null : data);
}
