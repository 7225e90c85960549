import type { SessionEvent } from './events.ts';

/** A summary whose turns are all part of effective history; its text stays in the log. */
export interface HeldSummary {
  readonly summaryId: string;
  readonly throughTurnId: string;
  readonly throughPosition: number;
  /** Tokens of its text. */
  readonly tokens: number;
  /** Revision of its HistorySummarized. */
  readonly revision: number;
}

/** A summary that a worker has claimed and that has not come to an end. */
export interface OpenSummary {
  readonly summaryId: string;
  readonly callId: string;
  readonly throughTurnId: string;
  readonly throughPosition: number;
  readonly worker: string;
  /** Turns of effective history when it was claimed. */
  readonly historyLength: number;
}

/** What the rules need to know of a session's summaries. */
export interface SummariesState {
  /** Oldest first, the newest MAX_HELD_SUMMARIES. */
  readonly held: readonly HeldSummary[];
  readonly open?: OpenSummary;
  /** Calls of workers that were given up as lost, whose bill may still come; the newest MAX_LATE_CALLS. */
  readonly late: readonly Pick<OpenSummary, 'summaryId' | 'callId'>[];
  /** Turns of effective history when the last one was claimed that a model failed; the next waits until the window has moved on. */
  readonly failedAtLength?: number;
  /** The newest run of summaries' events: `from` is the revision right before it. */
  readonly unnoticed: { readonly from: number; readonly through: number };
}

export type SummaryEvent = Extract<SessionEvent, { type: 'SummaryStarted' | 'HistorySummarized' | 'SummaryFailed' }>;

/** A rewind behind all of them costs summaries anew, a call for each; a session of 900 turns makes some 90 with a window of 20. */
export const MAX_HELD_SUMMARIES = 32;
const MAX_LATE_CALLS = 8;

/** The ends of a summary that say nothing of its model: another try need not wait. */
const isNobodysFault: ReadonlySet<string> = new Set(['worker_lost', 'worker_stopped', 'turn_rewound']);

/** Folds one event about a summary, which stands at `revision`; never throws for content. */
export function evolveSummaries(
  state: SummariesState | undefined,
  event: SummaryEvent,
  { revision, historyLength }: { readonly revision: number; readonly historyLength: number },
): SummariesState {
  const isRun = state?.unnoticed.through === revision - 1;
  const unnoticed = { from: isRun ? state.unnoticed.from : revision - 1, through: revision };
  const next: SummariesState = { held: [], late: [], ...state, unnoticed };
  const { summaryId } = event.data;
  switch (event.type) {
    case 'SummaryStarted': {
      const { throughTurnId, throughPosition, worker, calls } = event.data;
      const callId = calls.at(-1)?.callId ?? '';
      return { ...next, open: { summaryId, callId, throughTurnId, throughPosition, worker, historyLength } };
    }
    case 'HistorySummarized': {
      const { throughTurnId, throughPosition, tokens } = event.data;
      const { failedAtLength: _mended, ...closed } = withoutOpen(next, summaryId);
      const held = [...closed.held, { summaryId, throughTurnId, throughPosition, tokens, revision }];
      return { ...closed, held: held.slice(-MAX_HELD_SUMMARIES) };
    }
    case 'SummaryFailed': {
      const { callId, code } = event.data;
      const failedAtLength = next.open?.summaryId === summaryId ? next.open.historyLength : undefined;
      const late = next.late.filter((call) => call.callId !== callId);
      const closed = { ...withoutOpen(next, summaryId), late };
      if (code === 'worker_lost') return { ...closed, late: [...late, { summaryId, callId }].slice(-MAX_LATE_CALLS) };
      if (failedAtLength === undefined || isNobodysFault.has(code)) return closed;
      return { ...closed, failedAtLength };
    }
  }
}

/** What is left of the summaries after a rewind to a position: those of which no turn was cut. */
export function summariesThrough(state: SummariesState, position: number): SummariesState {
  const held = state.held.filter(({ throughPosition }) => throughPosition <= position);
  const { failedAtLength, ...kept } = state;
  if (failedAtLength === undefined) return { ...kept, held };
  return { ...kept, held, failedAtLength: Math.min(failedAtLength, position) };
}

function withoutOpen(state: SummariesState, summaryId: string): SummariesState {
  if (state.open?.summaryId !== summaryId) return state;
  const { open: _ended, ...closed } = state;
  return closed;
}
