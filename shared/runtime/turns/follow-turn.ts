import { limits, sessionStream } from '../../contracts/index.ts';
import { isTerminal, type SessionState, turnOf } from '../../domain/index.ts';
import type { Clock, FeedMessage, TurnFeed } from '../../ports/index.ts';
import type { AggregateStore } from '../ledger/aggregate-store.ts';

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
  readonly signal: AbortSignal;
}

/**
 * The feed's messages of a turn, until the turn has ended in the log or the signal aborts.
 *
 * The feed is a hint (rule 6): beside it the session's head is looked at every limits.worker.headCheckMs, so that a lost message costs a
 * second and never the ending. What has ended already is played from what the feed still keeps, at once.
 */
export async function* followTurn(
  { sessions, feed, clock }: FollowPorts,
  { sessionId, turnId, after, signal }: FollowedTurn,
): AsyncGenerator<FeedMessage, void> {
  const stop = new AbortController();
  const anySignal = AbortSignal.any([signal, stop.signal]);
  const hasEnded = async () => {
    const turn = turnOf(await sessions.load(sessionStream(sessionId)), turnId);
    return turn !== undefined && isTerminal(turn.status);
  };
  try {
    if (await hasEnded()) {
      for await (const message of feed.read(turnId, { after, signal: anySignal, follow: false })) {
        if (message.kind !== 'ended') yield message;
      }
      return;
    }
    const messages = feed.read(turnId, { after, signal: anySignal })[Symbol.asyncIterator]();
    const nextCheck = () => clock.sleep(limits.worker.headCheckMs, anySignal).then(() => 'check' as const);
    let message = messages.next();
    let check = nextCheck();
    while (!signal.aborted) {
      const first = await Promise.race([message, check]);
      if (first === 'check') {
        if (signal.aborted || (await hasEnded())) return;
        check = nextCheck();
        continue;
      }
      if (first.done || first.value.kind === 'ended') return;
      yield first.value;
      message = messages.next();
    }
  } finally {
    stop.abort();
  }
}

/** Waits until a turn has ended, at most `waitMs`; true when it has. A client that goes away ends the wait, not the turn. */
export async function waitForEnding(
  ports: FollowPorts,
  turn: { readonly sessionId: string; readonly turnId: string; readonly signal: AbortSignal },
  waitMs: number,
): Promise<boolean> {
  const limit = new AbortController();
  const signal = AbortSignal.any([turn.signal, limit.signal]);
  const over = new AbortController();
  void ports.clock.sleep(waitMs, over.signal).then(() => limit.abort());
  try {
    // Only the ending has an id this high, so no delta is copied for a reader who does not want any.
    for await (const _none of followTurn(ports, { ...turn, after: 999_999_999, signal }));
    return !signal.aborted;
  } finally {
    over.abort();
  }
}
