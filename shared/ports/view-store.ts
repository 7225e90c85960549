/**
 * One row of a view: its key, the revision it has folded, and the record as JSON text. A row that many streams feed counts the events it has
 * folded instead of a revision, and names no stream but itself.
 */
export interface ViewRow {
  readonly key: string;
  readonly stream: string;
  readonly revision: number;
  readonly record: string;
}

/** A view and where it stands; the version is part of its tables' names, so a changed view is built beside the old one. */
export interface ViewDefinition {
  readonly name:
    | 'sessions'
    | 'turns'
    | 'llm_calls'
    | 'game_states'
    | 'players'
    | 'scenario_versions'
    | 'usage_daily'
    | 'reruns';
  readonly version: number;
}

/** What a batch changes in one view. */
export interface ViewChange {
  readonly view: ViewDefinition;
  readonly rows: readonly ViewRow[];
}

/** `moved`: another projector has moved the checkpoint; nothing of this batch was written. */
export type CommitOutcome = 'ok' | 'moved';

/** Where projectors put rows. Rows and checkpoint are one transaction. Throws `store_unavailable`. */
export interface ViewStore {
  /** Creates the views' tables where absent. */
  prepare(views: readonly ViewDefinition[]): Promise<void>;
  /** The position up to which a view holds everything, 0n for a new one. */
  checkpoint(view: ViewDefinition): Promise<bigint>;
  /** The rows of those keys, in no order; unknown keys are absent. */
  rows(view: ViewDefinition, keys: readonly string[]): Promise<readonly ViewRow[]>;
  /** Writes rows and moves each view's checkpoint from `from` to `to` by compare-and-set, all or nothing. */
  commit(
    changes: readonly ViewChange[],
    checkpoint: { readonly from: bigint; readonly to: bigint },
  ): Promise<CommitOutcome>;
  /**
   * Rows of the turns view whose turn is requested or started, in the order of their keys, at most `limit`. `dueBeforeMs`: only those whose
   * deadline (the log's clock, milliseconds) is before it; `afterKey`: only those after it, for the next page.
   */
  openTurns(options: {
    readonly limit: number;
    readonly dueBeforeMs?: number;
    readonly afterKey?: string;
  }): Promise<readonly ViewRow[]>;
}

/** What queries read the views through: SQL in plain sight, parameters apart. Throws `store_unavailable`. */
export interface ViewDatabase {
  query<Row>(sql: string, values: readonly unknown[]): Promise<readonly Row[]>;
}
