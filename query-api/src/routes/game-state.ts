import { gameStateDocument, gameStateSchema, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { type GameStateRecord, visibleState } from '@turnledger/shared/domain';
import { defineRoute, idParam, openRecord, type Route, requireSession, roles } from '@turnledger/shared/runtime';
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
      const found = await findGameState(ports.views, sessionId);
      if (!found) throw new TurnledgerError('session_not_found');
      // What a player may see of the same state changes with the scenario version that the session is played under.
      const tag = `${found.state?.revision ?? 'none'}.${found.scenarioVersion}`;
      return unlessKnown(request, tag, () => documentOf(ports, sessionId, found, request.caller.role === 'player'));
    },
  });

async function documentOf(
  { vault }: QueryPorts,
  sessionId: string,
  { state: sealed, publicPointers }: GameStateFound,
  isPublic: boolean,
) {
  if (!sealed) return gameStateDocument(sessionId, undefined, null);
  const state = await openRecord<GameStateRecord<'opened'>>(sealed, sessionStream(sessionId), vault);
  const data = isPublic ? (visibleState(state.data, publicPointers ?? []) ?? {}) : state.data;
  return gameStateDocument(sessionId, state, state.data === null ? null : data);
}
