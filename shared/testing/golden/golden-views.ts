import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { viewName } from '../../contracts/index.ts';
import type { RecordedEvent, ViewRow } from '../../ports/index.ts';
import { foldViews } from '../history-checker/fold-views.ts';
import type { ViewContent } from '../history-checker/history.ts';
import { goldenFiles, readGolden } from './read-golden.ts';

/** Of each view the rows by their keys, the record as JSON rather than its text: a store may give its members in another order. */
export interface ShownViews {
  readonly [view: string]: { readonly [key: string]: Omit<ViewRow, 'key' | 'record'> & { readonly record: unknown } };
}

/** Rows as the golden views show them, so that those of two stores can be compared. */
export const showViews = (contents: readonly ViewContent[]): ShownViews =>
  Object.fromEntries(
    contents.map(({ view, rows }) => [
      viewName(view),
      Object.fromEntries(rows.map(({ key, record, ...row }) => [key, { ...row, record: JSON.parse(record) }])),
    ]),
  );

/** What the views of today hold of a golden log, folded in the plainest way there is. */
export const goldenViews = (events: readonly RecordedEvent[]): ShownViews => showViews(foldViews(events));

/**
 * Writes what the views of today hold of every golden file: once a view has a new version, and never before. To be called in the folder of
 * the repository, from a build, which has no golden files of its own.
 */
export async function writeGoldenViews(): Promise<void> {
  const folder = pathToFileURL('shared/testing/golden/');
  const files = goldenFiles(folder).map((file) => [file, goldenViews(readGolden(file, folder))]);
  await writeFile(
    'projectors/src/read-models/golden-histories.json',
    `${JSON.stringify(Object.fromEntries(files), undefined, 2)}\n`,
  );
}
