import { isTurnledgerError, limits, parseStream, TurnledgerError } from '@turnledger/shared/contracts';
import type {
  Checkpoints,
  ParkedEvent,
  ParkedEvents,
  RecordedEvent,
  TurnMessage,
  TurnQueue,
  ViewStore,
} from '@turnledger/shared/ports';
import { decodeEvent, type Log } from '@turnledger/shared/runtime';
import { parkedNowhere } from '../parked-nowhere.ts';
import type { TurnRow } from '../read-models/turn-row.ts';
import type { Projector } from '../run-projector.ts';
import { isDoneBefore } from './is-done-before.ts';

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
    origin: { eventId: recorded.eventId, position: recorded.position },
  };
  if (event.type === 'TurnRequested')
    return { ...turn, kind: 'requested', turnId: event.data.turnId, deadlineMs: event.data.deadlineMs };
  return 'turnId' in event.data ? { ...turn, kind: 'ended', turnId: event.data.turnId, deadlineMs: 0 } : undefined;
}

const NAME = 'relay';

/** Where a relay stands: the last position of which the queue has everything. */
interface RelayPlace {
  start(): Promise<bigint>;
  /** Told of a position once the queue has everything up to it; `given` says how much that was. */
  reach(position: bigint, given: number): Promise<void>;
}

/** Hands turns and endings to the queue. `after` is where to go on: the caller has already enqueued what was open there. */
export const relay = (queue: TurnQueue, after: bigint, log: Log): Projector => {
  let done = after;
  const place: RelayPlace = {
    start: async () => done,
    reach: async (position) => {
      done = position;
    },
  };
  return relayFrom(queue, place, log, parkedNowhere);
};

export interface DurableRelayPorts {
  readonly queue: TurnQueue;
  readonly checkpoints: Checkpoints;
  readonly parked: ParkedEvents;
  readonly log: Log;
}

/**
 * The relay to a queue that outlives this process. Its checkpoint is the last position of which the queue has acknowledged everything, and
 * moves by compare-and-set: two relays at once give duplicates, which die at the claim, and no gap. A batch that gives the queue nothing
 * moves it only once limits.projector.maxBatchEvents have gone by: to read those again costs less than a write for each.
 */
export const durableRelay = ({ queue, checkpoints, parked, log }: DurableRelayPorts): Projector =>
  relayFrom(queue, checkpointed(checkpoints), log, parked);

function checkpointed(checkpoints: Checkpoints): RelayPlace {
  let [stored, passedBatches] = [0n, 0];
  return {
    async start() {
      stored = await checkpoints.position(NAME);
      return stored;
    },
    async reach(position, given) {
      passedBatches += 1;
      if (given === 0 && passedBatches < limits.projector.maxBatchEvents) return;
      if ((await checkpoints.move(NAME, { from: stored, to: position })) === 'moved')
        throw new TurnledgerError('store_unavailable', { detail: 'another relay has moved the checkpoint' });
      [stored, passedBatches] = [position, 0];
    },
  };
}

function relayFrom(queue: TurnQueue, place: RelayPlace, log: Log, parked: ParkedEvents): Projector {
  return {
    name: NAME,
    start: place.start,
    async apply(events, position, signal) {
      const unreadable: ParkedEvent[] = [];
      const messages = events.flatMap((event) => readable(event, log, unreadable));
      if (unreadable.length > 0) await parked.park(unreadable);
      // A full queue waits for workers, and in a process that ends there are none any more.
      const isDone = messages.length === 0 || (await isDoneBefore(queue.enqueue(messages), signal));
      if (isDone) await place.reach(position, messages.length);
    },
  };
}

/** An event of a kind this version cannot read is no turn of ours to run: it is named and left out. */
function readable(event: RecordedEvent, log: Log, unreadable: ParkedEvent[]): readonly TurnMessage[] {
  try {
    const message = toMessage(event);
    return message ? [message] : [];
  } catch (cause) {
    if (!isTurnledgerError(cause)) throw cause;
    log.error({ code: cause.code, stream: event.stream, revision: event.revision }, 'an event cannot be relayed');
    unreadable.push({ loop: NAME, event, code: cause.code });
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
