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
