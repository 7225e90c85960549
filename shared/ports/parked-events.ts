import type { RecordedEvent } from './event-log.ts';

/** An event that a loop could not take, and why: a code of the catalogue. */
export interface ParkedEvent {
  readonly loop: string;
  readonly event: Pick<RecordedEvent, 'stream' | 'revision' | 'type' | 'position'>;
  readonly code: string;
}

/** Events that a loop left out so that their neighbours could go on, kept by name until somebody looks; the events stay in the log. */
export interface ParkedEvents {
  /** Keeps them; one that is kept already stays as it is. Throws `store_unavailable`. */
  park(events: readonly ParkedEvent[]): Promise<void>;
}
