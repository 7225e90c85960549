import { limits, sessionStream } from '@turnledger/shared/contracts';
import { isTerminal, type SessionEvent, type SessionState, turnOf } from '@turnledger/shared/domain';
import type { KeyVault, StoredEvent } from '@turnledger/shared/ports';
import {
  decodeEvent,
  type FollowPorts,
  feedIds,
  type Ledger,
  type ServerEvent,
  turnEvents,
} from '@turnledger/shared/runtime';
import { recordedEvents } from './recorded-events.ts';
import type { SessionNews } from './session-news.ts';
import { recordedDeltaId, type SpectatorPlace, spectatorId, textFormOf } from './spectator-ids.ts';

export interface SpectatePorts extends Omit<FollowPorts, 'sessions'> {
  readonly ledger: Ledger;
  readonly vault: KeyVault;
  readonly news: SessionNews;
}

/** A session to follow whole. */
export interface SpectatedSession {
  readonly sessionId: string;
  /** As it stood when it was asked for. */
  readonly opened: SessionState;
  /** The last thing the spectator has; what comes after it is shown. */
  readonly after: SpectatorPlace;
  /** Turns that were asked for up to here, and had ended when the stream was, are shown from the record; -1: none. */
  readonly recordedThrough: number;
  readonly signal: AbortSignal;
}

/** What an event of the log is shown by begins at one of these; the others belong to a turn, or to nobody who watches. */
const beginnings: ReadonlySet<string> = new Set([
  'TurnRequested',
  'SessionRewound',
  'SessionReconfigured',
  'SessionEnded',
]);

/**
 * A session as whoever watched it all the time was shown it, from a place on: each turn by the events of its own stream, turn after turn in the
 * order of the log, rewinds and the end between them. Turns that a rewind has cut were shown, and so are here.
 *
 * What is shown is a function of the log but for the live text, so that any node goes on from any id. Of a turn whose feed is lost the ending
 * comes next. Ends when all is shown of a session that stands ended, or the signal aborts. Throws `store_unavailable`.
 */
export async function* spectateSession(
  ports: SpectatePorts,
  spectated: SpectatedSession,
): AsyncGenerator<ServerEvent, void> {
  const { sessionId, after, signal } = spectated;
  let state = spectated.opened;
  for (let next = after.revision; ; next = state.revision + 1) {
    if (next > spectated.opened.revision) {
      const newer = await ports.news.past(sessionId, next - 1, signal);
      if (!newer) return;
      state = newer;
    }
    for await (const stored of eventsBetween(ports.ledger, sessionId, next, state.revision)) {
      const seen = stored.revision === after.revision ? after.id : 0;
      for await (const event of shown(ports, spectated, { state, stored, seen }))
        yield { ...event, id: spectatorId({ revision: stored.revision, id: event.id }) };
      if (signal.aborted) return;
    }
    if (state.status === 'ended') return;
  }
}

async function* eventsBetween(ledger: Ledger, sessionId: string, fromRevision: number, throughRevision: number) {
  const { pageEvents } = limits.replay;
  for (let from = fromRevision; from <= throughRevision; from += pageEvents) {
    const through = Math.min(from + pageEvents - 1, throughRevision);
    yield* await ledger.sessions.events(sessionStream(sessionId), from, through);
  }
}

/** What an event of the log begins, with the session as it stands and how much of it the spectator has. */
interface Beginning {
  readonly state: SessionState;
  readonly stored: StoredEvent;
  readonly seen: number;
}

/** The events by which one event of the log is shown; none of it is decrypted but what the turn's own stream shows. */
async function* shown(
  ports: SpectatePorts,
  spectated: SpectatedSession,
  { state, stored, seen }: Beginning,
): AsyncGenerator<ServerEvent, void> {
  if (!beginnings.has(stored.type)) return;
  // A session's stream holds its events only.
  const event = decodeEvent(stored) as SessionEvent<'sealed'>;
  if (event.type === 'TurnRequested') yield* turnShown(ports, spectated, { state, stored, seen }, event.data.turnId);
  else if (seen === 0) yield* noticeOf(event, spectated.sessionId, state.scenarioId);
}

function* noticeOf(
  event: SessionEvent<'sealed'>,
  session_id: string,
  scenarioId: string,
): Generator<ServerEvent, void> {
  const id = feedIds.requested;
  if (event.type === 'SessionRewound') {
    const { toTurnId, toPosition } = event.data;
    yield { id, event: 'session.rewound', data: { session_id, to_turn_id: toTurnId ?? null, position: toPosition } };
  }
  if (event.type === 'SessionReconfigured') {
    const scenario = { id: scenarioId, version: event.data.scenarioVersion };
    yield { id, event: 'session.reconfigured', data: { session_id, scenario } };
  }
  if (event.type === 'SessionEnded')
    yield { id, event: 'session.ended', data: { session_id, outcome: event.data.outcome } };
}

/**
 * A turn, live or made again from its record. A reader in the middle of a text goes on in the form that it has begun in; one that has none of
 * it yet is shown old turns from the record, where the feed no longer has their words.
 */
async function* turnShown(
  { ledger, vault, feed, clock }: SpectatePorts,
  { sessionId, recordedThrough, signal }: SpectatedSession,
  { state, stored: { revision }, seen }: Beginning,
  turnId: string,
): AsyncGenerator<ServerEvent, void> {
  if (seen >= feedIds.ending) return;
  const turn = turnOf(state, turnId);
  const form = textFormOf(seen);
  const isOld = turn !== undefined && isTerminal(turn.status);
  if (!isOld || form === 'live' || (form === 'none' && revision > recordedThrough)) {
    const { lookAgeMs } = limits.spectate;
    const followed = { sessionId, turnId, after: seen, lookAgeMs, signal };
    yield* turnEvents({ sessions: ledger.sessions, feed, clock, vault }, followed);
    return;
  }
  const { scenarioId } = state;
  const replayed = { sessionId, scenarioId, fromRevision: revision, revision: turn.lastRevision, turnIds: [turnId] };
  let groups = 0;
  for await (const { event, data, attempt } of recordedEvents({ ledger, vault }, replayed)) {
    if (signal.aborted) return;
    groups = event === 'reply.delta' ? groups + 1 : 0;
    const id = recordedIdOf(event, attempt, groups);
    if (id > seen) yield { id, event, data };
  }
}

function recordedIdOf(event: string, attempt: number, groups: number): number {
  if (event === 'turn.requested') return feedIds.requested;
  if (event === 'turn.started') return attempt * feedIds.perAttempt;
  return event === 'reply.delta' ? recordedDeltaId(attempt, groups) : feedIds.ending;
}
