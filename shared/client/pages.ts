import { askJson } from './ask.ts';
import { clientBounds } from './client-bounds.ts';
import type { Connection } from './connection.ts';
import { toPage } from './read-documents.ts';
import { snakeName } from './wire-names.ts';

export interface ReadOptions {
  /** The `logPosition` of a write that the answer must not be from before. */
  readonly minPosition?: string;
  readonly signal?: AbortSignal;
}

/** What a list is asked by; members that are undefined are not asked. */
export type Query = { readonly [name: string]: string | number | undefined };

/** A path with its query under the names of the wire. */
export function withQuery(path: string, query: Query): string {
  const asked = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[snakeName(name), String(value)]],
  );
  return asked.length === 0 ? path : `${path}?${new URLSearchParams(asked)}`;
}

/** Where a list is, and how its rows are read. */
export interface ListToRead<Row> {
  readonly path: string;
  readonly query: Query;
  readonly toRow: (document: unknown) => Row;
  readonly sessionId?: string;
  readonly signal?: AbortSignal | undefined;
}

/** The rows of a list in its order; the next page is asked for when the loop gets there. */
export async function* rowsOf<Row>(
  connection: Connection,
  { path, query, toRow, ...about }: ListToRead<Row>,
): AsyncGenerator<Row, void> {
  for (let cursor: string | undefined; ; ) {
    const whole = withQuery(path, { limit: clientBounds.maxPageRows, cursor, ...query });
    const page = await askJson(connection, { method: 'GET', path: whole, ...about }, (document) =>
      toPage(document, toRow),
    );
    yield* page.rows;
    if (page.nextCursor === undefined) return;
    cursor = page.nextCursor;
  }
}
