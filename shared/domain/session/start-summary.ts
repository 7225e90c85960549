import { accepted, type Decision, refused } from '../decision.ts';
import type { SessionEvent, SummaryStarted } from './events.ts';
import type { SessionState } from './state.ts';
import { standsAt } from './summary-due.ts';

type Claim = SummaryStarted['data'];

export interface StartSummary extends Claim {
  /** The open summary whose holder is lost by both proofs of rule 4; absent: none is known to be. */
  readonly lostSummaryId?: string;
}

export type StartSummaryRefusal =
  | 'session_not_found'
  | 'session_ended'
  | 'turn_open'
  | 'turn_rewound'
  | 'summary_held'
  | 'summary_superseded';

/**
 * Wins the right to spend money on a summary, before it is spent (rule 4): one at a time in a session, none while a turn is open, and only of
 * what is effective history and has no summary. The claim of a lost worker is given up in the same append.
 */
export function startSummary(
  { lostSummaryId, ...started }: StartSummary,
  state: SessionState,
): Decision<SessionEvent<'plain'>, StartSummaryRefusal> {
  const { fromTurnId, throughTurnId, throughPosition, prompt } = started;
  if (state.status === 'none') return refused('session_not_found');
  if (state.status === 'ended') return refused('session_ended');
  if (state.openTurnId !== undefined) return refused('turn_open', state.openTurnId);
  const { open, held = [] } = state.summaries ?? {};
  if (open && open.summaryId !== lostSummaryId) return refused('summary_held');
  if (!standsAt(state, fromTurnId, 1) || !standsAt(state, throughTurnId, throughPosition))
    return refused('turn_rewound', throughTurnId);
  const newest = held.at(-1);
  // A fork without one of its own may extend one of its past, which its own events do not tell.
  const mayExtendPast = newest === undefined && state.lineage.length > 0;
  if ((newest?.summaryId !== prompt.summaryId && !mayExtendPast) || (newest?.throughPosition ?? 0) >= throughPosition)
    return refused('summary_superseded');
  const claim: SessionEvent<'plain'> = { type: 'SummaryStarted', data: started };
  if (!open) return accepted(claim);
  const { summaryId, callId } = open;
  return accepted({ type: 'SummaryFailed', data: { summaryId, callId, code: 'worker_lost' } }, claim);
}
