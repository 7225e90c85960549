import type { SealedEvent } from '@turnledger/shared/contracts';
import type { SessionRecord } from '@turnledger/shared/domain';
import type { RecordedEvent, ViewDefinition } from '@turnledger/shared/ports';

/** An event on its way into the views: as recorded, and in its newest shape with the places of sealed fields noted. */
export interface ViewEvent {
  readonly recorded: RecordedEvent;
  readonly event: SealedEvent;
  /** Id of the aggregate, out of the stream's name. */
  readonly aggregateId: string;
}

/** A view: which rows an event touches, and what becomes of each. Rows are folds of events and nothing else (invariant R4). */
export interface ViewFold<Record> {
  readonly definition: ViewDefinition;
  /** Keys of the rows that the event changes; most touch one. */
  keysOf(event: ViewEvent): readonly string[];
  /** The row after the event; undefined leaves it out. `session` is the event's session as far as it is folded. Never throws for content. */
  evolve(
    record: Record | undefined,
    event: ViewEvent,
    session: SessionRecord<'sealed'> | undefined,
  ): Record | undefined;
}
