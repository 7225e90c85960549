import { viewName, views } from '../../contracts/index.ts';
import type { ViewRow } from '../../ports/index.ts';
import { canonicalJson, contentHash } from '../../trust/index.ts';
import { foldViews } from './fold-views.ts';
import type { Evidence, ViewContent, Violation } from './history.ts';

/** Rows told apart below this many in one violation. */
const MAX_SHOWN_ROWS = 5;

/** R4, views are folds: the live views, the views rebuilt from zero and a fold in memory are the same, by hash and then row by row. */
export const checkViews = ({ log, views }: Evidence): readonly Violation[] =>
  foldViews(log).flatMap((folded) => [
    ...compare('live', views.live, folded),
    ...compare('rebuilt', views.rebuilt, folded),
  ]);

function compare(
  which: 'live' | 'rebuilt',
  contents: readonly ViewContent[],
  folded: ViewContent,
): readonly Violation[] {
  const name = viewName(folded.view);
  const found = contents.find(({ view }) => viewName(view) === name);
  const [actual, expected] = [byKey(found?.rows ?? []), byKey(folded.rows)];
  if (contentHash(Object.fromEntries(actual)) === contentHash(Object.fromEntries(expected))) return [];
  const keys = [...new Set([...actual.keys(), ...expected.keys()])];
  const wrong = keys.filter(
    (key) => canonicalJson(actual.get(key) ?? null) !== canonicalJson(expected.get(key) ?? null),
  );
  return wrong.slice(0, MAX_SHOWN_ROWS).map((key) => ({
    invariant: 'R4',
    sentence: `a row of the ${which} view ${name} is not the fold of its events (${wrong.length} such rows)`,
    ...(name === viewName(views.turns) && { turnId: key }),
    evidence: { [which]: actual.get(key), folded: expected.get(key) },
  }));
}

/** Rows as they are compared: a store may change the order of a record's members, nothing else. */
const byKey = (rows: readonly ViewRow[]): ReadonlyMap<string, object> =>
  new Map(
    rows.map(({ key, stream, revision, record }) => [key, { stream, revision, record: JSON.parse(record) as unknown }]),
  );
