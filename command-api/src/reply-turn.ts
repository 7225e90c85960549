import { limits, positionToken, sessionStream, TurnledgerError, turnDocument } from '@turnledger/shared/contracts';
import { isTerminal, type TurnRecord } from '@turnledger/shared/domain';
import {
  endedIn,
  feedIds,
  json,
  type RouteReply,
  type RouteRequest,
  readTurn,
  type ServerEvent,
  turnEvents,
  waitForEnding,
} from '@turnledger/shared/runtime';
import type { AcceptedTurn } from './append-turn.ts';
import { type IdempotencyKey, idempotencyHeader } from './idempotency.ts';
import { type Preferences, readPreferences } from './prefer.ts';
import type { TurnPorts } from './turn-ports.ts';

/** How a client wants its turn: see it arrive, or be answered, at the latest after the time it would wait. */
export type Delivery = 'stream' | Preferences;

/** Reads the delivery from `"stream": true`, Accept and Prefer (RFC 7240); without any of them a client waits for the ending. */
export function deliveryOf(request: Pick<RouteRequest<unknown, unknown>, 'header'>, wantsStream: boolean): Delivery {
  if (wantsStream || request.header('accept')?.includes('text/event-stream')) return 'stream';
  return readPreferences(request.header('prefer'));
}

/** Answers a turn that is in the log. Throws `turn_failed`, `turn_timed_out`, `turn_cancelled` for an ending without a reply. */
export async function replyTurn(
  ports: TurnPorts,
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
      events: withPosition(turnEvents(follow, { sessionId, turnId, after: 0, signal }), ports, turn),
    };
  }
  const longestMs = turn.deadlineMs + limits.http.waitGraceMs + limits.expiry.workerGraceMs;
  const { respondAsync, waitSeconds } = delivery;
  const waitMs = Math.min(longestMs, waitSeconds === undefined ? Number.POSITIVE_INFINITY : waitSeconds * 1_000);
  const wait = waitSeconds === undefined ? [] : [`wait=${Math.floor(waitMs / 1_000)}`];
  if (respondAsync && waitSeconds === undefined) return acceptedReply(ports, turn, headers, ['respond-async']);
  await waitForEnding(follow, { sessionId, turnId, signal }, waitMs);
  const record = await recordOf(ports, turn);
  if (isTerminal(record.status)) ports.admission.leave(turnId);
  else if (waitSeconds !== undefined)
    return acceptedReply(ports, turn, headers, respondAsync ? ['respond-async', ...wait] : wait);
  return endedReply(record, linksOf(turn), { ...headers, ...applied(wait) });
}

type Headers = { readonly [name: string]: string };

const applied = (preferences: readonly string[]): Headers =>
  preferences.length === 0 ? {} : { 'preference-applied': preferences.join(', ') };

/** 202: the turn as it stands, and where to look for its ending. */
async function acceptedReply(
  ports: TurnPorts,
  turn: AcceptedTurn,
  headers: Headers,
  preferences: readonly string[],
): Promise<RouteReply> {
  const links = linksOf(turn);
  const log_position = positionToken({ stream: sessionStream(turn.sessionId), revision: turn.revision });
  return json(
    202,
    { ...turnDocument(await recordOf(ports, turn)), log_position, links },
    { ...headers, location: links.turn, 'retry-after': '1', ...applied(preferences) },
  );
}

async function recordOf(
  { ledger, vault }: TurnPorts,
  { sessionId, turnId }: AcceptedTurn,
): Promise<TurnRecord<'opened'>> {
  const { sessions } = ledger;
  const state = await endedIn(sessions, { sessionId, turnId });
  const record = await readTurn({ sessions, vault }, sessionId, state, turnId);
  if (!record) throw new TurnledgerError('invariant_broken', { detail: 'an accepted turn is not in its session' });
  return record;
}

const linksOf = ({ sessionId, turnId }: AcceptedTurn) => {
  const session = `/v1/sessions/${sessionId}`;
  return { turn: `${session}/turns/${turnId}`, stream: `${session}/turns/${turnId}/stream`, session };
};

/** The whole answer of a completed turn: the turn, and the other names that hosts read the same facts under. */
function endedReply(record: TurnRecord<'opened'>, links: object, headers: Headers): RouteReply {
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
  { admission }: TurnPorts,
  { sessionId, turnId, revision }: AcceptedTurn,
): AsyncGenerator<ServerEvent> {
  const log_position = positionToken({ stream: sessionStream(sessionId), revision });
  for await (const event of events) {
    if (event.id === feedIds.ending) admission.leave(turnId);
    yield event.event === 'turn.requested' ? { ...event, data: { ...(event.data as object), log_position } } : event;
  }
}
