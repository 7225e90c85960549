import type { RerunEvent, RerunOutcome, RerunRequested, RerunTurnCompared } from './events.ts';

export type RerunRequest = RerunRequested['data'];
export type RerunComparison = RerunTurnCompared['data'];

/** `cancelling`: no further turn is asked, and what is under way has not been compared yet. */
export type RerunStatus = 'none' | 'running' | 'cancelling' | RerunOutcome;

export interface RerunState {
  readonly status: RerunStatus;
  /** Revision of the newest folded event; -1 before the first. */
  readonly revision: number;
  /** Absent before it was asked for. */
  readonly request?: RerunRequest;
  /** In the order in which they came about; each turn of the sources once at most. */
  readonly comparisons: readonly RerunComparison[];
  /** Why it failed. */
  readonly code?: string;
}

export const initialRerun: RerunState = { status: 'none', revision: -1, comparisons: [] };

/** Whether turns of it may still be under way. */
export const isRunning = ({ status }: Pick<RerunState, 'status'>): boolean =>
  status === 'running' || status === 'cancelling';

/** Folds one event; never throws for content. */
export function evolveRerun(state: RerunState, event: RerunEvent): RerunState {
  const next = { ...state, revision: state.revision + 1 };
  switch (event.type) {
    case 'RerunRequested':
      return { ...next, status: 'running', request: event.data };
    case 'RerunTurnCompared':
      return { ...next, comparisons: [...state.comparisons, event.data] };
    case 'RerunCancelled':
      return { ...next, status: 'cancelling' };
    case 'RerunFinished': {
      const { outcome, code } = event.data;
      return { ...next, status: outcome, ...(code !== undefined && { code }) };
    }
  }
}
