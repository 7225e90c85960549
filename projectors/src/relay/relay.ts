import { isTurnledgerError, limits, parseStream } from '@turnledger/shared/contracts';
import type { RecordedEvent, TurnMessage, TurnQueue, ViewStore } from '@turnledger/shared/ports';
import { decodeEvent, type Log } from '@turnledger/shared/runtime';
import type { TurnRow } from '../read-models/turn-row.ts';
import type { Projector } from '../run-projector.ts';

const ENDINGS: ReadonlySet<string> = new Set(['TurnCompleted', 'TurnFailed', 'TurnCancelled', 'TurnTimedOut']);

/** The hint that an event gives the workers, or undefined for the many that give none. */
function toMessage(recorded: RecordedEvent): TurnMessage | undefined {
  const stream = parseStream(recorded.stream);
  const isEnding = ENDINGS.has(recorded.type);
  if (stream?.kind !== 'session' || (!isEnding && recorded.type !== 'TurnRequested')) return undefined;
  const event = decodeEvent(recorded);
  const turn = {
    sessionId: stream.id,
    correlationId: recorded.metadata.correlationId ?? '',
    requestedAtMs: recorded.loggedAtMs,
  };
  if (event.type === 'TurnRequested')
    return { ...turn, kind: 'requested', turnId: event.data.turnId, deadlineMs: event.data.deadlineMs };
  return 'turnId' in event.data ? { ...turn, kind: 'ended', turnId: event.data.turnId, deadlineMs: 0 } : undefined;
}

/** Hands turns and endings to the queue. `after` is where to go on: the caller has already enqueued what was open there. */
export const relay = (queue: TurnQueue, after: bigint, log: Log): Projector => {
  let done = after;
  return {
    name: 'relay',
    start: async () => done,
    async apply(events, position, signal) {
      // A full queue waits for workers, and in a process that ends there are none any more.
      if (await isDoneBefore(queue.enqueue(events.flatMap((event) => readable(event, log))), signal)) done = position;
    },
  };
};

/** True once the work is done; false when the signal aborts first. Throws what the work throws. */
function isDoneBefore(work: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(false);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    void work.then(() => resolve(true), reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** An event of a kind this version cannot read is no turn of ours to run; the log of the read models names it. */
function readable(event: RecordedEvent, log: Log): readonly TurnMessage[] {
  try {
    const message = toMessage(event);
    return message ? [message] : [];
  } catch (cause) {
    if (!isTurnledgerError(cause)) throw cause;
    log.error({ code: cause.code, stream: event.stream, revision: event.revision }, 'an event cannot be relayed');
    return [];
  }
}

/** Enqueues every turn that the views show as open: what a queue in memory has forgotten when its process starts again. */
export async function enqueueOpenTurns(store: ViewStore, queue: TurnQueue): Promise<number> {
  let count = 0;
  let afterKey: string | undefined;
  for (;;) {
    const rows = await store.openTurns({
      limit: limits.projector.maxBatchEvents,
      ...(afterKey !== undefined && { afterKey }),
    });
    const turns = rows.map(({ record }) => JSON.parse(record) as TurnRow);
    await queue.enqueue(
      turns.map(({ sessionId, turnId, loggedAtMs, deadlineMs, correlationId }) => ({
        kind: 'requested',
        sessionId,
        turnId,
        deadlineMs,
        correlationId,
        requestedAtMs: loggedAtMs,
      })),
    );
    count += rows.length;
    afterKey = rows.at(-1)?.key;
    if (rows.length < limits.projector.maxBatchEvents) return count;
  }
}
