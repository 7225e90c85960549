import { shownWidth } from './shown-width.ts';
import { visible } from './visible.ts';

const MAX_CELL_CHARS = 80;

/**
 * Rows as lines of aligned columns, two blanks apart, none at their ends. Cells may be foreign: no control character of one reaches the
 * terminal, and of a long one the first 80 characters are shown.
 */
export function textTable(rows: readonly (readonly string[])[]): readonly string[] {
  const shown = rows.map((row) => row.map((cell) => visible(cell, MAX_CELL_CHARS)));
  const columns = Math.max(0, ...shown.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    shown.reduce((widest, row) => Math.max(widest, shownWidth(row[column] ?? '')), 0),
  );
  return shown.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - shownWidth(cell)))
      .join('  ')
      .trimEnd(),
  );
}
