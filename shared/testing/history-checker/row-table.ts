import type { ViewRow } from '../../ports/index.ts';

/** The rows of one view as they are folded, each with the stream it is from. */
export class RowTable<Row extends { readonly revision: number }> {
  readonly #held = new Map<string, { readonly stream: string; readonly row: Row }>();

  get(key: string): Row | undefined {
    return this.#held.get(key)?.row;
  }

  set(key: string, stream: string, row: Row): void {
    this.#held.set(key, { stream, row });
  }

  /** As a store would hold them. */
  rows(): readonly ViewRow[] {
    return [...this.#held].map(([key, { stream, row }]) => ({
      key,
      stream,
      revision: row.revision,
      record: JSON.stringify(row),
    }));
  }
}
