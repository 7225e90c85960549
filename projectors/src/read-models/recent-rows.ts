import { viewName } from '@turnledger/shared/contracts';
import type { ViewChange, ViewDefinition, ViewStore } from '@turnledger/shared/ports';
import type { FoldedRow } from './view-fold.ts';

/** Keys of rows that a batch needs, by view. */
export type WantedRows = ReadonlyMap<ViewDefinition, ReadonlySet<string>>;

const idOf = (view: ViewDefinition, key: string) => `${viewName(view)}/${key}`;

/** The rows that a batch is folded over; they come and go with it. */
export class HeldRows {
  readonly #rows = new Map<ViewDefinition, Map<string, FoldedRow>>();

  get(view: ViewDefinition, key: string): FoldedRow | undefined {
    return this.#rows.get(view)?.get(key);
  }

  set(view: ViewDefinition, key: string, row: FoldedRow): void {
    const known = this.#rows.get(view);
    if (known) known.set(key, row);
    else this.#rows.set(view, new Map([[key, row]]));
  }
}

/**
 * The live rows that this projector wrote last, so that a batch of turns under way reads nothing. They are what the store holds as long as
 * every commit of ours is `ok`, since whoever else writes moves the checkpoint: after any other outcome they must be forgotten.
 */
export class RecentRows {
  readonly #store: Pick<ViewStore, 'rows'>;
  readonly #maxChars: number;
  readonly #rows = new Map<string, { readonly row: FoldedRow; readonly chars: number }>();
  #chars = 0;

  /** `maxChars`: bound of the rows' JSON text together; beyond it those go that were not written for the longest time. */
  constructor(store: Pick<ViewStore, 'rows'>, maxChars: number) {
    this.#store = store;
    this.#maxChars = maxChars;
  }

  /** Puts the rows of those keys among the held ones, from memory or, one statement a view, from the store. Throws `store_unavailable`. */
  async load(wanted: WantedRows, held: HeldRows): Promise<void> {
    for (const [view, keys] of wanted) {
      const missing: string[] = [];
      for (const key of keys) {
        const recent = this.#rows.get(idOf(view, key));
        if (recent) held.set(view, key, recent.row);
        else missing.push(key);
      }
      if (missing.length === 0) continue;
      for (const { key, record } of await this.#store.rows(view, missing)) {
        held.set(view, key, JSON.parse(record) as FoldedRow);
      }
    }
  }

  /** Keeps what a commit has written, but for rows that no further event is expected of: they would fill the memory for nothing. */
  keep(
    changes: readonly ViewChange[],
    held: HeldRows,
    isLive: (view: ViewDefinition, row: FoldedRow) => boolean,
  ): void {
    for (const { view, rows } of changes) {
      for (const { key, record } of rows) {
        const row = held.get(view, key);
        if (row && isLive(view, row)) this.#keepRow(idOf(view, key), row, record.length);
        else this.#drop(idOf(view, key));
      }
    }
    for (const id of this.#rows.keys()) {
      if (this.#chars <= this.#maxChars) return;
      this.#drop(id);
    }
  }

  forget(): void {
    this.#rows.clear();
    this.#chars = 0;
  }

  #keepRow(id: string, row: FoldedRow, chars: number): void {
    // Taken out first: a Map goes through its entries in the order in which they came in.
    this.#drop(id);
    this.#rows.set(id, { row, chars });
    this.#chars += chars;
  }

  #drop(id: string): void {
    const known = this.#rows.get(id);
    if (!known) return;
    this.#chars -= known.chars;
    this.#rows.delete(id);
  }
}
