import { sessionDocument, sessionStream, TurnledgerError, turnDocument } from '@turnledger/shared/contracts';
import {
  defineRoute,
  foldTurns,
  idParam,
  json,
  outsideIds,
  type Route,
  readSession,
  roles,
} from '@turnledger/shared/runtime';
import type { QueryPorts } from '../ports.ts';
import { replayQuery } from '../query-schemas.ts';
import { waitForPosition } from '../wait-for-position.ts';

/** A re-render: the session folded anew from its recorded events, exact and free. No model is asked. */
export const replayRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id/replay',
    summary: 'Re-render a session from its recorded events',
    access: roles,
    query: replayQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      const { at_turn: atTurn, min_position } = request.query;
      await waitForPosition(ports, min_position);
      const { ledger, vault } = ports;
      const session = await readSession({ sessions: ledger.sessions, vault }, sessionId);
      if (!session) throw new TurnledgerError('session_not_found');
      const events = await ledger.sessions.events(sessionStream(sessionId), 0, session.revision);
      const turns = await foldTurns(events, session, vault);
      const last = atTurn === undefined ? turns.length : turns.findIndex(({ turnId }) => turnId === atTurn) + 1;
      if (atTurn !== undefined && last === 0) throw new TurnledgerError('turn_not_found');
      const document = sessionDocument(session, await outsideIds(ports, session.participants));
      return json(200, { session: document, turns: turns.slice(0, last).map(turnDocument) });
    },
  });
