import type { RerunRequest, SessionState, TurnState } from '@turnledger/shared/domain';
import type { Leadership, ViewDatabase } from '@turnledger/shared/ports';
import type { FencedCalls } from '../fenced-calls.ts';
import type { WorkerPorts } from '../ports.ts';
import type { SpendBudget } from './spend-budget.ts';

/** What the runner of re-runs needs: a worker's ports, with a ledger of its own, so that recorded sessions do not push live ones out of memory. */
export interface RerunPorts extends WorkerPorts {
  /** Where it finds re-runs that are not over. */
  readonly views: ViewDatabase;
  /** One process runs re-runs, however many could. */
  readonly leadership: Leadership;
}

/** One run of a re-run. */
export interface RerunRun {
  readonly rerunId: string;
  /** The incarnation that claims its turns. */
  readonly worker: string;
  /** Aborts when no further turn is to begin. */
  readonly leaving: AbortSignal;
  /** Aborts when the turns under way have to stop as well. */
  readonly deadline: AbortSignal;
}

/** A recorded turn, and where it is asked again. */
export interface RepeatedTurn {
  readonly request: RerunRequest;
  readonly sessionId: string;
  readonly state: SessionState;
  readonly turn: TurnState;
  readonly rerunSessionId: string;
}

/** `ending`: no further turn begins, and those under way end first; `left`: this run goes no further, and another one does. */
export type RunStanding = 'running' | 'ending' | 'left';

/** What the turns of one run are run with, all of them alike. */
export interface RepeatKit {
  readonly ports: RerunPorts;
  readonly run: RerunRun;
  readonly budget: SpendBudget;
  readonly calls: FencedCalls;
  /** Whether turns may still begin, by a look that is at most so old (0: now). Throws `store_unavailable`. */
  standing(maxAgeMs?: number): Promise<RunStanding>;
  /** Waits until a further call may be made; answers with what says that it is over. */
  takePlace(): Promise<() => void>;
}
