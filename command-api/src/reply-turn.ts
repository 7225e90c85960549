import { limits, positionToken, sessionStream, TurnledgerError, turnDocument } from '@turnledger/shared/contracts';
import { isTerminal, type TurnRecord, turnOf } from '@turnledger/shared/domain';
import {
  json,
  type RouteReply,
  type RouteRequest,
  readTurn,
  type ServerEvent,
  turnEvents,
  waitForEnding,
} from '@turnledger/shared/runtime';
import type { AcceptedTurn } from './handle-turn.ts';
import { type IdempotencyKey, idempotencyHeader } from './idempotency.ts';
import type { CommandPorts } from './ports.ts';

/** How a client wants its turn: wait for the ending (default), be told where to look, or see it arrive. */
export type Delivery = 'wait' | 'async' | 'stream';

/** Reads the delivery from `"stream": true`, Accept and Prefer (RFC 7240). */
export function deliveryOf(request: Pick<RouteRequest<unknown, unknown>, 'header'>, wantsStream: boolean): Delivery {
  if (wantsStream || request.header('accept')?.includes('text/event-stream')) return 'stream';
  return /(^|,)\s*respond-async\s*($|[,;])/i.test(request.header('prefer') ?? '') ? 'async' : 'wait';
}

/** Answers a turn that is in the log. Throws `turn_failed`, `turn_timed_out`, `turn_cancelled` for an ending without a reply. */
export async function replyTurn(
  ports: CommandPorts,
  turn: AcceptedTurn,
  delivery: Delivery,
  key: IdempotencyKey,
  signal: AbortSignal,
): Promise<RouteReply> {
  const headers = { ...idempotencyHeader(key), ...(turn.isReplay && { 'idempotency-replayed': 'true' }) };
  const follow = { sessions: ports.ledger.sessions, feed: ports.feed, clock: ports.clock, vault: ports.vault };
  const { sessionId, turnId } = turn;
  if (delivery === 'stream') {
    return {
      kind: 'events',
      headers,
      events: withPosition(turnEvents(follow, { sessionId, turnId, after: 0, signal }), turn),
    };
  }
  if (delivery === 'async') {
    const links = linksOf(turn);
    const record = await recordOf(ports, turn);
    const body = {
      ...turnDocument(record),
      log_position: positionToken({ stream: sessionStream(sessionId), revision: turn.revision }),
      links,
    };
    return json(202, body, {
      ...headers,
      location: links.turn,
      'retry-after': '1',
      'preference-applied': 'respond-async',
    });
  }
  await waitForEnding(
    follow,
    { sessionId, turnId, signal },
    turn.deadlineMs + limits.http.waitGraceMs + limits.expiry.workerGraceMs,
  );
  const record = await recordOf(ports, turn);
  return endedReply(record, linksOf(turn), headers);
}

async function recordOf(
  { ledger, vault }: CommandPorts,
  { sessionId, turnId }: AcceptedTurn,
): Promise<TurnRecord<'opened'>> {
  const stream = sessionStream(sessionId);
  const cached = await ledger.sessions.load(stream, limits.worker.headCheckMs);
  const ending = turnOf(cached, turnId);
  // An ending never changes, so a cached one needs no look at the log.
  const state = ending && isTerminal(ending.status) ? cached : await ledger.sessions.load(stream);
  const record = await readTurn({ sessions: ledger.sessions, vault }, sessionId, state, turnId);
  if (!record) throw new TurnledgerError('invariant_broken', { detail: 'an accepted turn is not in its session' });
  return record;
}

const linksOf = ({ sessionId, turnId }: AcceptedTurn) => {
  const session = `/v1/sessions/${sessionId}`;
  return { turn: `${session}/turns/${turnId}`, stream: `${session}/turns/${turnId}/stream`, session };
};

/** The whole answer of a completed turn: the turn, and the other names that hosts read the same facts under. */
function endedReply(
  record: TurnRecord<'opened'>,
  links: object,
  headers: { readonly [name: string]: string },
): RouteReply {
  const document = turnDocument(record);
  const log_position = positionToken({ stream: sessionStream(record.sessionId), revision: record.revision });
  if (record.status === 'completed') {
    const aliases = {
      tokens_used: document.usage?.total_tokens ?? null,
      completion_time: (record.durationMs ?? 0) / 1_000,
    };
    return json(200, { ...document, ...aliases, log_position, links }, headers);
  }
  const members = {
    turn_id: record.turnId,
    session_id: record.sessionId,
    reason: record.errorCode ?? null,
    fallback: record.fallback ?? null,
    log_position,
    links,
  };
  const code = badEndings[record.status];
  throw new TurnledgerError(code, {
    members,
    headers,
    ...(record.errorCode !== undefined && { detail: record.errorCode }),
  });
}

const badEndings = {
  failed: 'turn_failed',
  timed_out: 'turn_timed_out',
  cancelled: 'turn_cancelled',
  requested: 'turn_still_open',
  started: 'turn_still_open',
} as const;

/** The first event of a stream also says where the turn stands in the log, as a JSON reply does. */
async function* withPosition(
  events: AsyncIterable<ServerEvent>,
  { sessionId, revision }: AcceptedTurn,
): AsyncGenerator<ServerEvent> {
  const log_position = positionToken({ stream: sessionStream(sessionId), revision });
  for await (const event of events) {
    yield event.event === 'turn.requested' ? { ...event, data: { ...(event.data as object), log_position } } : event;
  }
}
