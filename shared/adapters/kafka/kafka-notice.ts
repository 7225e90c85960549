import type { ParkReason } from '../../contracts/index.ts';

/** What the adapter has to tell whoever runs it; none of it needs an answer. */
export type KafkaNotice =
  /** The broker could not be reached; it is tried again. */
  | { readonly kind: 'unreachable'; readonly cause: unknown }
  /** A topic that was there has fewer partitions than are configured: so many workers at most share the turns. */
  | { readonly kind: 'fewer_partitions'; readonly topic: string; readonly found: number; readonly wanted: number }
  /** A message could not be read, or its turn is not in the log; of turns it was put aside in the topic for that. */
  | ({ readonly kind: 'parked' | 'unreadable_ending'; readonly reason: ParkReason } & MessagePlace)
  /** A message could not be put aside, and is tried again; its partition's mark waits for it. */
  | ({ readonly kind: 'parking_failed'; readonly cause: unknown } & MessagePlace)
  /** A consumer ended by a fault of its own and is begun again. */
  | { readonly kind: 'consumer_failed'; readonly topic: string; readonly cause: unknown }
  /** What is handled could not be committed; it is tried again. */
  | { readonly kind: 'commit_failed'; readonly cause: unknown }
  /** A warning or an error of the client library, in its own words. */
  | { readonly kind: 'client'; readonly level: 'warn' | 'error'; readonly message: string; readonly cause?: unknown };

export interface MessagePlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

export type ReportNotice = (notice: KafkaNotice) => void;
