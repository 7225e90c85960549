import { textTable } from '../terminal/text-table.ts';
import type { CliStage } from './cli-stage.ts';

/** How a list is shown to a person. */
export interface ListLayout<Row> {
  readonly heading: readonly string[];
  readonly cellsOf: (row: Row) => readonly string[];
  /** Said where there is nothing. */
  readonly none: string;
}

/** How often a person who waits for many rows is told how far it is. */
const ROWS_PER_PROGRESS = 100;

/**
 * Prints rows up to `max`, in the order in which they come: a line of JSON each as it comes, or one table, whose widths are known when all
 * are there. That there are more is said to the person beside it.
 */
export async function printList<Row extends object>(
  { isJson, print, printJson, note, progress }: CliStage,
  rows: AsyncIterable<Row>,
  { max, layout }: { readonly max: number; readonly layout: ListLayout<Row> },
): Promise<void> {
  const cells: (readonly string[])[] = [];
  let listed = 0;
  let hasMore = false;
  try {
    for await (const row of rows) {
      hasMore = listed === max;
      if (hasMore) break;
      listed += 1;
      if (isJson) printJson(row);
      else cells.push(layout.cellsOf(row));
      if (!isJson && listed % ROWS_PER_PROGRESS === 0) progress.show(`${listed} read`);
    }
  } finally {
    progress.clear();
  }
  if (isJson) return;
  if (cells.length === 0) note(layout.none);
  else for (const line of textTable([layout.heading, ...cells])) print(line);
  if (hasMore) note(`These are the newest ${listed}; --limit shows more.`);
}
