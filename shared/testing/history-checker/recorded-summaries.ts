import type { LoggedEvent } from './history.ts';
import { sessionFacts, sessionIdOf } from './recorded-turns.ts';

/** A summary as the log has it. */
export interface RecordedSummary {
  readonly summaryId: string;
  readonly throughTurnId: string;
  readonly throughPosition: number;
  readonly text: string;
  readonly revision: number;
}

/** The summaries of each session, in log order. */
export function recordedSummaries(log: readonly LoggedEvent[]): ReadonlyMap<string, readonly RecordedSummary[]> {
  const found = new Map<string, RecordedSummary[]>();
  for (const { at, event } of sessionFacts(log)) {
    if (event.type !== 'HistorySummarized') continue;
    const { summaryId, throughTurnId, throughPosition, text } = event.data;
    const summary = { summaryId, throughTurnId, throughPosition, text: text ?? '', revision: at.revision };
    found.set(sessionIdOf(at), [...(found.get(sessionIdOf(at)) ?? []), summary]);
  }
  return found;
}

/**
 * The summaries that a session may be told, by the session: its own, and those of the sessions that it goes on from which were recorded before it
 * did.
 */
export function knownSummaries(log: readonly LoggedEvent[]): ReadonlyMap<string, SummariesOfSession> {
  const recorded = recordedSummaries(log);
  const lineages = new Map(
    sessionFacts(log).flatMap(({ at, event }) =>
      event.type === 'SessionForked' ? [[sessionIdOf(at), event.data.lineage] as const] : [],
    ),
  );
  const inheritedBy = (sessionId: string) =>
    (lineages.get(sessionId) ?? []).flatMap((segment) =>
      (recorded.get(segment.sessionId) ?? []).filter(({ revision }) => revision <= segment.throughRevision),
    );
  return new Map(
    [...recorded.keys(), ...lineages.keys()].map((sessionId) => [
      sessionId,
      { own: recorded.get(sessionId) ?? [], inherited: inheritedBy(sessionId) },
    ]),
  );
}

export interface SummariesOfSession {
  readonly own: readonly RecordedSummary[];
  readonly inherited: readonly RecordedSummary[];
}
