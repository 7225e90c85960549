import { accepted, type Decision, refused } from '../decision.ts';
import type { Cost, FinishReason, ProviderTrace, SessionEvent, Usage } from './events.ts';
import type { SessionState } from './state.ts';
import { standsAt } from './summary-due.ts';

export interface CompleteSummary {
  readonly summaryId: string;
  readonly callId: string;
  readonly fromTurnId: string;
  readonly text: string;
  readonly tokens: number;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly cost: Cost;
  readonly ttftMs: number;
  readonly durationMs: number;
  readonly provider: ProviderTrace;
}

export interface FailSummary {
  readonly summaryId: string;
  readonly callId: string;
  /** `worker_stopped`: its process left before the model had answered. */
  readonly code: string;
  readonly providerStatus?: number;
  readonly usage: Usage;
  readonly cost: Cost;
}

type SummaryDecision = Decision<SessionEvent<'plain'>, 'summary_superseded'>;

/**
 * Records the text of a summary, if its claim still stands and no rewind has cut a turn that it covers; else only what it cost, as a failure
 * that says why.
 */
export function completeSummary({ cost, ...summary }: CompleteSummary, state: SessionState): SummaryDecision {
  const { summaryId, callId, usage } = summary;
  const open = state.summaries?.open;
  const isOurs = open?.summaryId === summaryId && open.callId === callId;
  if (!isOurs || !standsAt(state, open.throughTurnId, open.throughPosition))
    return failSummary({ summaryId, callId, usage, cost, code: 'turn_rewound' }, state);
  const { throughTurnId, throughPosition } = open;
  return accepted({ type: 'HistorySummarized', data: { ...summary, throughTurnId, throughPosition, ...cost } });
}

/**
 * Records a summary that did not come about. Where its worker was given up as lost meanwhile, what it cost is recorded beside that, once; what
 * has its account already is refused.
 */
export function failSummary(
  { summaryId, callId, code, providerStatus, usage, cost }: FailSummary,
  state: SessionState,
): SummaryDecision {
  const { open, late = [] } = state.summaries ?? {};
  const isOurs = open?.summaryId === summaryId && open.callId === callId;
  if (!isOurs && !late.some((call) => call.callId === callId)) return refused('summary_superseded');
  const failure = { code: isOurs ? code : 'summary_late', ...(providerStatus !== undefined && { providerStatus }) };
  return accepted({ type: 'SummaryFailed', data: { summaryId, callId, ...failure, usage, ...cost } });
}
