import { limits, sessionStream } from '../../contracts/index.ts';
import { isTerminal, type SessionState, turnOf } from '../../domain/index.ts';
import type { Clock, FeedMessage, TurnFeed } from '../../ports/index.ts';
import type { AggregateStore } from '../ledger/aggregate-store.ts';
import { linkedAbort } from '../linked-abort.ts';

export interface FollowPorts {
  readonly sessions: AggregateStore<SessionState>;
  readonly feed: TurnFeed;
  readonly clock: Clock;
}

export interface FollowedTurn {
  readonly sessionId: string;
  readonly turnId: string;
  /** Messages up to this id are not wanted. */
  readonly after: number;
  /** How old another's look at the session's head may be to do for ours; default 0. What it is, a lost ending may come later by. */
  readonly lookAgeMs?: number;
  readonly signal: AbortSignal;
}

/** The session in which a turn has ended, from memory where that is known (an ending never changes), else as the log has it now. */
export async function endedIn(
  sessions: FollowPorts['sessions'],
  { sessionId, turnId }: Pick<FollowedTurn, 'sessionId' | 'turnId'>,
): Promise<SessionState> {
  const stream = sessionStream(sessionId);
  const cached = await sessions.load(stream, limits.worker.headCheckMs);
  const turn = turnOf(cached, turnId);
  return turn && isTerminal(turn.status) ? cached : sessions.load(stream);
}

async function hasEnded(
  sessions: FollowPorts['sessions'],
  { sessionId, turnId }: Pick<FollowedTurn, 'sessionId' | 'turnId'>,
  maxAgeMs = 0,
) {
  const turn = turnOf(await sessions.load(sessionStream(sessionId), maxAgeMs), turnId);
  return turn !== undefined && isTerminal(turn.status);
}

/** A feed that fails looks like one that has nothing more to say. */
async function* hints(messages: AsyncIterable<FeedMessage>): AsyncGenerator<FeedMessage, void> {
  try {
    yield* messages;
  } catch {
    // Losing the feed costs the live text, not the reply.
  }
}

/**
 * The feed's messages of a turn, until the turn has ended in the log or the signal aborts. Throws `store_unavailable`.
 *
 * The feed is a hint (rule 6): beside it the session's head is looked at every limits.worker.headCheckMs, so that a lost message, or a
 * feed that fails or ends too early, costs a second and never the ending. What has ended already is played from what the feed still
 * keeps, at once.
 */
export async function* followTurn(ports: FollowPorts, turn: FollowedTurn): AsyncGenerator<FeedMessage, void> {
  const link = linkedAbort(turn.signal);
  try {
    yield* follow(ports, { ...turn, signal: link.signal });
  } finally {
    link.abort();
  }
}

/** The same on a signal of one's own, which is to be aborted afterwards: that is what ends the reading and the waiting. */
async function* follow(
  { sessions, feed, clock }: FollowPorts,
  { sessionId, turnId, after, lookAgeMs = 0, signal }: FollowedTurn,
): AsyncGenerator<FeedMessage, void> {
  const turn = { sessionId, turnId };
  // Whoever has just appended the turn need not read it again: an ending younger than this is in the feed, or found by the next look.
  if (await hasEnded(sessions, turn, limits.worker.headCheckMs)) {
    for await (const message of hints(feed.read(turnId, { after, signal, follow: false }))) {
      if (message.kind !== 'ended') yield message;
    }
    return;
  }
  const messages = hints(feed.read(turnId, { after, signal }));
  const silence = new Promise<never>(() => {});
  const nextMessage = () => messages.next().then((next) => (next.done ? silence : next.value));
  const nextCheck = () => clock.sleep(limits.worker.headCheckMs, signal).then(() => 'check' as const);
  let message = nextMessage();
  let check = nextCheck();
  while (!signal.aborted) {
    const first = await Promise.race([message, check]);
    if (first === 'check') {
      if (signal.aborted || (await hasEnded(sessions, turn, lookAgeMs))) return;
      check = nextCheck();
      continue;
    }
    if (first.kind === 'ended') return;
    yield first;
    message = nextMessage();
  }
}

/** Waits until a turn has ended, at most `waitMs`; true when it has. A client that goes away ends the wait, not the turn. */
export async function waitForEnding(
  ports: FollowPorts,
  turn: { readonly sessionId: string; readonly turnId: string; readonly signal: AbortSignal },
  waitMs: number,
): Promise<boolean> {
  const link = linkedAbort(turn.signal);
  const { signal } = link;
  void ports.clock.sleep(waitMs, signal).then(link.abort);
  try {
    // Only the ending has an id this high, so no delta is copied for a reader who does not want any.
    for await (const _none of follow(ports, { ...turn, after: 999_999_999, signal }));
    if (turn.signal.aborted) return false;
    // The time may be over at the very moment, or none may have been given: the log knows.
    return !signal.aborted || (await hasEnded(ports.sessions, turn));
  } finally {
    link.abort();
  }
}
