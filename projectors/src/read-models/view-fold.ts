import type { SealedEvent } from '@turnledger/shared/contracts';
import type { CallRecord, SessionRecord } from '@turnledger/shared/domain';
import type { RecordedEvent, ViewDefinition } from '@turnledger/shared/ports';
import type { TurnRow } from './turn-row.ts';

/** An event on its way into the views: as recorded, and in its newest shape with the places of sealed fields noted. */
export interface ViewEvent {
  readonly recorded: RecordedEvent;
  readonly event: SealedEvent;
  /** Id of the aggregate, out of the stream's name. */
  readonly aggregateId: string;
}

/** The rows of the leading views that an event is about, with the event folded in; perhaps with later ones too. */
export interface Surroundings {
  readonly session: SessionRecord<'sealed'> | undefined;
  readonly turn: TurnRow | undefined;
  /** The call that the event gives an account of. */
  readonly call: CallRecord | undefined;
}

/** What every row has: how much of the log it holds, so that no event is folded into it twice. */
export interface FoldedRow {
  readonly revision: number;
}

/** A view: which rows an event touches, and what becomes of each. Rows are folds of events and nothing else (invariant R4). */
export interface ViewFold<Row extends FoldedRow> {
  readonly definition: ViewDefinition;
  /** Keys of the rows that the event changes; most touch one. */
  keysOf(event: ViewEvent): readonly string[];
  /** True where the event says all that its rows hold: then they are not read first. */
  startsRows(event: ViewEvent): boolean;
  /** False once no further event is to be expected of a row; then it is not kept in memory. */
  isLive(row: Row): boolean;
  /** The row after the event; undefined leaves it out. Of the surroundings, those of views folded before this one. Never throws for content. */
  evolve(row: Row | undefined, event: ViewEvent, surroundings: Surroundings, key: string): Row | undefined;
}

/** A view whose keys follow from rows of the leading views, of which it may use what no later event changes: it is folded after them. */
export interface LateFold<Row extends FoldedRow, Change> {
  readonly definition: ViewDefinition;
  /** What an event changes, by the key of the row. */
  changesOf(event: ViewEvent, surroundings: Surroundings): ReadonlyMap<string, Change>;
  /** The row after the event; undefined where it holds the event already. Never throws for content. */
  evolve(row: Row | undefined, change: Change, event: ViewEvent): Row | undefined;
}
