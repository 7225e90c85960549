import { BACKWARDS, END, FORWARDS, type ResolvedEvent } from '@eventstore/db-client';
import { limits } from '../../contracts/index.ts';
import type { ReadOptions, StoredEvent } from '../../ports/index.ts';
import type { BoundedReads } from './bounded-reads.ts';
import { positionOf, storedEvent } from './event-encoding.ts';
import type { StreamPrefix } from './stream-prefix.ts';

const storedEvents = (items: readonly ResolvedEvent[], prefix: StreamPrefix): readonly StoredEvent[] =>
  items.flatMap(({ event }) => (event === undefined ? [] : [storedEvent(event, prefix)]));

/** Where an event stands in the whole log, and whether it is one of ours. */
export interface LogPlace {
  readonly position: bigint;
  readonly isOwn: boolean;
}

/** The places before a position (undefined: the end of the log), newest first, at most so many. Throws `store_unavailable`. */
export type ReadBackwards = (options: {
  readonly before: bigint | undefined;
  readonly maxCount: number;
  readonly timeoutMs: number;
}) => Promise<readonly LogPlace[]>;

export const readBackwards =
  (reads: BoundedReads, prefix: StreamPrefix): ReadBackwards =>
  async ({ before, maxCount, timeoutMs }) => {
    const fromPosition = before === undefined ? END : { commit: before, prepare: before };
    const options = { direction: BACKWARDS, fromPosition, maxCount, requiresLeader: true } as const;
    const items = (await reads.items((client) => client.readAll(options), timeoutMs)) ?? [];
    return items.flatMap((item) => {
      const position = positionOf(item);
      return position === undefined ? [] : [{ position, isOwn: prefix.isOn(item.event?.streamId ?? '') }];
    });
  };

/** The reads of the port, as it promises them; always from the leader, since a follower may not know yet what was acknowledged. */
export async function readStream(
  reads: BoundedReads,
  prefix: StreamPrefix,
  stream: string,
  options: ReadOptions,
): Promise<readonly StoredEvent[]> {
  const from = Math.max(0, options.fromRevision ?? 0);
  const maxCount = Math.max(0, Math.min(options.maxCount ?? limits.log.maxReadEvents, limits.log.maxReadEvents));
  if (from > limits.log.maxRevision || maxCount === 0) return [];
  const items = await reads.items((client) =>
    client.readStream(prefix.put(stream), {
      direction: FORWARDS,
      fromRevision: BigInt(from),
      maxCount,
      requiresLeader: true,
    }),
  );
  return storedEvents(items ?? [], prefix);
}

export async function readHead(
  reads: BoundedReads,
  prefix: StreamPrefix,
  stream: string,
): Promise<StoredEvent | undefined> {
  const items = await reads.items((client) =>
    client.readStream(prefix.put(stream), {
      direction: BACKWARDS,
      fromRevision: END,
      maxCount: 1,
      requiresLeader: true,
    }),
  );
  return storedEvents(items ?? [], prefix)[0];
}
