/** An event as a client proposes it. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly customMetadata: Uint8Array;
}

/** An event as it stands in the log. */
export interface LoggedEvent extends ProposedEvent {
  readonly stream: string;
  /** From 0 without gaps; a tombstone has the greatest of all. */
  readonly revision: bigint;
  /** The offset of its record in the log: rises with every event, and says nothing about how many there are. */
  readonly position: bigint;
  /** From 0: its place among all events. */
  readonly index: number;
  readonly createdAtMs: number;
}

/** Events written at once into one stream: what the log's file holds a line each. */
export interface LoggedWrite {
  readonly stream: string;
  readonly createdAtMs: number;
  readonly isTombstone: boolean;
  readonly events: readonly ProposedEvent[];
}

/** The revision that the real server gives the event by which a stream is deleted for good. */
export const TOMBSTONE_REVISION = 9_223_372_036_854_775_807n;
