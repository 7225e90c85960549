import {
  replaySchema,
  sessionDocument,
  sessionStream,
  TurnledgerError,
  turnDocument,
} from '@turnledger/shared/contracts';
import type { SessionState } from '@turnledger/shared/domain';
import {
  defineRoute,
  feedIds,
  type HistoryTurn,
  historyAt,
  idParam,
  json,
  outsideIds,
  type Route,
  type RouteReply,
  readHistory,
  readSession,
  requireSession,
  roles,
} from '@turnledger/shared/runtime';
import { lastEventId } from '../last-event-id.ts';
import type { QueryPorts } from '../ports.ts';
import { replayQuery } from '../query-schemas.ts';
import type { RecordedStretch } from '../recorded-events.ts';
import { replayEvents } from '../replay-events.ts';
import { untilLeaving } from '../until-leaving.ts';
import { waitForPosition } from '../wait-for-position.ts';

/**
 * A re-render: effective history, or that of any turn, folded anew from its recorded events, exact and free; as a document, or as events at
 * the pace at which they were recorded. No model is asked.
 */
export const replayRoute = (ports: QueryPorts): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id/replay',
    summary: 'Re-render a session from its recorded events',
    access: roles,
    headers: ['Last-Event-ID'],
    replies: {
      200: { description: 'The session and its turns as they were recorded.', schema: replaySchema, orEvents: true },
      204: { description: 'The client has the end of the stream already.' },
    },
    query: replayQuery,
    async handle(request) {
      const sessionId = idParam(request, 'session_id', 'session_not_found');
      const { at_turn: atTurn, speed, min_position } = request.query;
      await requireSession(ports, request.caller, sessionId, 'session_not_found');
      await waitForPosition(ports, request.caller, min_position);
      if (!request.header('accept')?.includes('text/event-stream')) return asDocument(ports, sessionId, atTurn);
      const after = lastEventId(request.header('last-event-id'));
      const state = await ports.ledger.sessions.load(sessionStream(sessionId));
      if (state.status === 'none') throw new TurnledgerError('session_not_found');
      const history = await historyOf(ports, { sessionId, state }, atTurn);
      // An EventSource comes back after the end, unless it is told to stop.
      if (after >= feedIds.ending) return { kind: 'json', status: 204 };
      const replayed = { sessionId, stretches: stretchesOf(history) };
      const events = (signal: AbortSignal) => replayEvents(ports, replayed, { speed, after, signal });
      return { kind: 'events', events: untilLeaving(ports, request.signal, events) };
    },
  });

/** The turns that were history when that one was asked, and itself, also where it was cut since; without one effective history as it is. */
async function historyOf(
  { ledger }: QueryPorts,
  point: { readonly sessionId: string; readonly state: SessionState },
  atTurn: string | undefined,
): Promise<readonly HistoryTurn[]> {
  const history = await historyAt(ledger.sessions, point, atTurn);
  if (!history) throw new TurnledgerError('turn_not_found');
  return history;
}

/** A history by the sessions that recorded it. */
function stretchesOf(history: readonly HistoryTurn[]): readonly RecordedStretch[] {
  const stretches = new Map<string, RecordedStretch>();
  for (const { sessionId, state, turn, throughRevision: revision } of history) {
    const turnIds = [...(stretches.get(sessionId)?.turnIds ?? []), turn.turnId];
    stretches.set(sessionId, { sessionId, scenarioId: state.scenarioId, revision, turnIds });
  }
  return [...stretches.values()];
}

async function asDocument(ports: QueryPorts, sessionId: string, atTurn: string | undefined): Promise<RouteReply> {
  const { ledger, vault } = ports;
  const readers = { sessions: ledger.sessions, vault };
  const session = await readSession(readers, sessionId);
  if (!session) throw new TurnledgerError('session_not_found');
  const state = await ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
  const point = { sessionId, state };
  const turns = await readHistory(readers, point, await historyOf(ports, point, atTurn));
  const document = sessionDocument(session, await outsideIds(ports, session.participants));
  return json(200, { session: document, turns: turns.map(turnDocument) });
}
