import { askJson } from './ask.ts';
import type { Connection } from './connection.ts';
import type { ModelCall, Session, Usage } from './documents.ts';
import { rowsOf, withQuery } from './pages.ts';
import { toModelCall, toSession, toUsage } from './read-documents.ts';

/** Which sessions; all that the caller may see unless said. Newest first. */
export interface SessionFilter {
  readonly playerId?: string;
  readonly gameId?: string;
  readonly scenarioId?: string;
  readonly status?: Session['status'];
  /** Started from then on, or before then: a date as `2026-01-31`, or a time with its zone. */
  readonly from?: string;
  readonly to?: string;
  readonly minPosition?: string;
}

/** Which days, and what a row is of. */
export interface UsageQuery {
  /** Dates as `2026-01-31`, both included, in UTC. Absent: the last 30 days. */
  readonly from?: string;
  readonly to?: string;
  /** Default `day`. */
  readonly by?: 'day' | 'game' | 'scenario' | 'model';
  readonly gameId?: string;
  readonly scenarioId?: string;
  readonly minPosition?: string;
}

/** Which model calls; all that the caller may see unless said. Newest first. */
export interface CallFilter {
  readonly sessionId?: string;
  readonly gameId?: string;
  readonly scenarioId?: string;
  readonly model?: string;
  readonly status?: ModelCall['status'];
  /** Begun from then on, or before then: a date as `2026-01-31`, or a time with its zone. */
  readonly from?: string;
  readonly to?: string;
  readonly minPosition?: string;
}

export const readSessions = (
  connection: Connection,
  query: SessionFilter,
  signal: AbortSignal | undefined,
): AsyncGenerator<Session, void> =>
  rowsOf(connection, { path: '/v1/sessions', query: { ...query }, toRow: toSession, signal });

export const readCalls = (
  connection: Connection,
  query: CallFilter,
  signal: AbortSignal | undefined,
): AsyncGenerator<ModelCall, void> =>
  rowsOf(connection, { path: '/llm/logs', query: { ...query }, toRow: toModelCall, signal });

export const readUsage = (connection: Connection, query: UsageQuery, signal: AbortSignal | undefined): Promise<Usage> =>
  askJson(connection, { method: 'GET', path: withQuery('/v1/usage', { ...query }), signal }, toUsage);
