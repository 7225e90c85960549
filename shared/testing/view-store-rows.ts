import { views } from '../contracts/index.ts';
import type { ViewDefinition, ViewRow } from '../ports/index.ts';

export const turnsView: ViewDefinition = views.turns;
export const sessionsView: ViewDefinition = views.sessions;
export const scenarioVersionsView: ViewDefinition = views.scenarioVersions;

/** A turn's row as the projector writes it, with what a test cares about. */
export const turnRow = (key: string, revision: number, more: { readonly [field: string]: unknown } = {}): ViewRow => ({
  key,
  stream: 'session-1',
  revision,
  record: JSON.stringify({ turnId: key, sessionId: '1', position: 1, status: 'requested', revision, ...more }),
});

/** Rows in the order of their keys, with their records read: a store may write those in its own way. */
export const parsed = (rows: readonly ViewRow[]) =>
  rows.map((row) => ({ ...row, record: JSON.parse(row.record) })).sort((a, b) => (a.key < b.key ? -1 : 1));
