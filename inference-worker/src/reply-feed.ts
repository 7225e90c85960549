import { limits } from '@turnledger/shared/contracts';
import type { Clock, Ids, KeyVault, TurnFeed } from '@turnledger/shared/ports';
import { endingMessage, feedIds, sealDelta } from '@turnledger/shared/runtime';

/** The live side of one attempt: what the model says, as numbered messages. */
export interface ReplyFeed {
  /** Takes text; the first goes out at once, later ones at most every limits.feed.coalesceMs. Never throws, never waits. */
  push(text: string): void;
  /** Sends what is left; after it nothing of this attempt is on its way. */
  flush(): Promise<void>;
}

export interface ReplyFeedPorts {
  readonly feed: TurnFeed;
  readonly vault: KeyVault;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Opens the feed of an attempt; readers start the text anew. `model` is named in the event they get. */
export function openReplyFeed(
  ports: ReplyFeedPorts,
  turnId: string,
  attempt: number,
  model: string,
  keyId: string,
): ReplyFeed {
  const { feed, vault, clock, ids } = ports;
  let lastId = attempt * feedIds.perAttempt;
  let waiting = '';
  let sentAtMs = Number.NEGATIVE_INFINITY;
  let isTimerSet = false;
  let timer: AbortController | undefined;
  let sending: Promise<void> = feed.publish(turnId, { id: lastId, kind: 'started', payload: model });

  const send = () => {
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    sentAtMs = clock.monotonicMs();
    lastId += 1;
    const id = lastId;
    sending = sending
      .then(async () => {
        const dataKey = await vault.dataKey(keyId);
        if (dataKey.outcome === 'ok')
          await feed.publish(turnId, { id, kind: 'delta', payload: sealDelta(turnId, id, text, dataKey, ids) });
        // A delta that is lost shows as a gap, and its reader gets the ending next.
      })
      .catch(() => {});
  };

  return {
    push(text) {
      waiting += text;
      const dueInMs = sentAtMs + limits.feed.coalesceMs - clock.monotonicMs();
      if (dueInMs <= 0) {
        send();
      } else if (!isTimerSet) {
        isTimerSet = true;
        timer ??= new AbortController();
        void clock.sleep(dueInMs, timer.signal).then(() => {
          isTimerSet = false;
          send();
        });
      }
    },
    async flush() {
      send();
      timer?.abort('flushed');
      await sending;
    },
  };
}

/** Tells a turn's readers to look for its ending in the log; call it after the ending is there. */
export const announceEnding = (feed: TurnFeed, turnId: string): Promise<void> => feed.publish(turnId, endingMessage);
