import { limits } from '../../contracts/index.ts';
import type { Clock, LogItem, RecordedEvent } from '../../ports/index.ts';
import type { ClientHolder, EventStoreNotices } from './client-holder.ts';
import { positionOf, recordedEvent } from './event-encoding.ts';
import { HeadQuestion } from './head-question.ts';
import type { OwnHead } from './own-head.ts';
import type { StreamPrefix } from './stream-prefix.ts';
import { SubscriptionFeed } from './subscription-feed.ts';

/** What a subscription works with; `closed` is the log's own end. */
export interface SubscriptionSource {
  readonly holder: ClientHolder;
  readonly head: OwnHead;
  readonly prefix: StreamPrefix;
  readonly clock: Clock;
  readonly notices: EventStoreNotices | undefined;
  readonly closed: AbortSignal;
}

/** Where a subscription is; outlives its feeds. */
interface Progress {
  position: bigint;
  /** Whether an event came, or nothing yet, since it was last caught up. */
  isBehind: boolean;
  /** Whether the feed of the moment has shown that it works. */
  hasMoved: boolean;
}

/**
 * The events of ours after a position in log order, then live ones. `caught_up` comes when all that was sent is taken, nothing new has come
 * for limits.eventStore.quietMs, and the newest event of ours in the log is not beyond what was shown: derived, because the server says so
 * once a subscription (from 23.10 on) where the port promises it each time.
 *
 * The position kept is that of the last event yielded. When a feed ends, or the log holds an event of ours that has not come
 * while nothing moved for stallMs, the next feed starts there, after a pause that doubles from minResubscribeMs to maxResubscribeMs until
 * something comes: nothing is skipped or repeated.
 */
export async function* subscribe(
  source: SubscriptionSource,
  { after, signal }: { readonly after: bigint; readonly signal: AbortSignal },
): AsyncGenerator<LogItem> {
  const { clock, head, holder, notices, closed } = source;
  const ended = AbortSignal.any([signal, closed]);
  const progress: Progress = { position: after, isBehind: true, hasMoved: false };
  if (after > 0n) head.note(after);
  let pauseMs: number = limits.eventStore.minResubscribeMs;
  while (!ended.aborted) {
    progress.hasMoved = false;
    const reason = yield* followFeed(source, progress, ended);
    if (ended.aborted) return;
    notices?.warn({ reason, position: String(progress.position) }, 'a subscription was lost and is made anew');
    if (progress.hasMoved) pauseMs = limits.eventStore.minResubscribeMs;
    else holder.noteFailure(reason);
    await clock.sleep(pauseMs, ended);
    pauseMs = Math.min(2 * pauseMs, limits.eventStore.maxResubscribeMs);
  }
}

/** One feed until it ends or stalls; gives the reason. */
async function* followFeed(
  { holder, head, prefix, clock }: SubscriptionSource,
  progress: Progress,
  ended: AbortSignal,
): AsyncGenerator<LogItem, string> {
  let movedAtMs = clock.monotonicMs();
  const move = () => {
    movedAtMs = clock.monotonicMs();
  };
  const feed = new SubscriptionFeed(holder.held, { prefix, after: progress.position, onProgress: move });
  const question = new HeadQuestion(head, feed.changes);
  let askAtMs = movedAtMs + limits.eventStore.quietMs;
  try {
    while (!ended.aborted && feed.ended === undefined) {
      const { version } = feed.changes;
      const item = feed.take();
      if (item !== undefined) {
        const event = shown(item, prefix);
        if (event === undefined) return 'the server sent an event without its position';
        if (event.position === progress.position) continue;
        if (event.position < progress.position) return `the server sent an event from before, at ${event.position}`;
        question.drop();
        Object.assign(progress, { position: event.position, isBehind: true, hasMoved: true });
        head.note(event.position);
        yield { kind: 'event', event };
        move();
        askAtMs = movedAtMs + limits.eventStore.quietMs;
        continue;
      }
      const nowMs = clock.monotonicMs();
      const answer = question.takeAnswer();
      if (answer !== undefined && answer <= progress.position) {
        askAtMs = nowMs + limits.eventStore.headCheckMs;
        progress.hasMoved = true;
        move();
        if (progress.isBehind) {
          progress.isBehind = false;
          yield { kind: 'caught_up', position: progress.position };
        }
      } else if ((answer ?? question.failure) !== undefined && nowMs - movedAtMs >= limits.eventStore.stallMs) {
        return `nothing came for ${limits.eventStore.stallMs} ms: ${question.failure ?? 'the log holds more'}`;
      } else if (!question.isAsked && nowMs >= askAtMs) {
        askAtMs = nowMs + limits.eventStore.behindCheckMs;
        question.ask();
      } else {
        await changedWithin(
          feed,
          version,
          question.isAsked ? limits.eventStore.headCheckMs : askAtMs - nowMs,
          clock,
          ended,
        );
      }
    }
    return feed.ended ?? 'the subscription was ended';
  } finally {
    feed.cancel();
  }
}

function shown(item: Parameters<typeof positionOf>[0], prefix: StreamPrefix): RecordedEvent | undefined {
  const position = positionOf(item);
  return item.event === undefined || position === undefined ? undefined : recordedEvent(item.event, position, prefix);
}

/** Waits for the feed to change, or the time to pass, and leaves no waiter behind. */
async function changedWithin(
  { changes }: SubscriptionFeed,
  version: number,
  waitMs: number,
  clock: Clock,
  ended: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  // With a reason of ours: without one each wait makes a DOMException and its stack, 4 % of a busy projector's time.
  const end = () => done.abort('awake');
  ended.addEventListener('abort', end, { once: true });
  if (ended.aborted) end();
  await Promise.race([changes.changed(version, done.signal), clock.sleep(Math.max(1, waitMs), done.signal)]);
  end();
  ended.removeEventListener('abort', end);
}
