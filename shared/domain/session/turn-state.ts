import type { SessionEvent } from './events.ts';
import type { SummaryEvent } from './summary-state.ts';

export type TurnStatus = 'requested' | 'started' | 'completed' | 'failed' | 'cancelled' | 'timed_out';

export type MoveStanding =
  | { readonly verdict: 'none' }
  | { readonly verdict: 'accepted'; readonly stateRev: number }
  | { readonly verdict: 'rejected' };

/** The failure of an attempt whose reply had no move that the scenario's schema allows, though one was proposed or required. */
export const MOVE_INVALID = 'model_move_invalid' as const;

/** What the rules need to know of one turn; its texts stay in the log. */
export interface TurnState {
  readonly turnId: string;
  readonly position: number;
  /** The turn before it in the effective history that it was asked in; absent for a first one. A rewind does not change it. */
  readonly previousTurnId?: string;
  /** The version it was asked for under. */
  readonly scenarioVersion: number;
  readonly status: TurnStatus;
  readonly bodyHmac: string;
  readonly deadlineMs: number;
  /** Attempts claimed so far; 0 before the first. */
  readonly attempt: number;
  /** The incarnation that holds the claim; absent while no attempt is under way. */
  readonly worker?: string;
  /** Call ids announced by TurnStarted, by attempt, that no event has accounted for yet. */
  readonly unsettled: readonly { readonly attempt: number; readonly callId: string }[];
  /** The attempt whose move was not valid, and the revision that says so: the next attempt corrects it, once. */
  readonly invalidMove?: { readonly attempt: number; readonly revision: number };
  /** Whether the reply proposed a move, and what the game said to it; absent: it proposed none. Reasons stay in the log. */
  readonly move?: MoveStanding;
  /** The game's own number of the state that its request brought; absent: it brought none. The state itself stays in the log. */
  readonly stateRev?: number;
  readonly requestedRevision: number;
  /** Revision of the newest event that names this turn. */
  readonly lastRevision: number;
}

export const isTerminal = (status: TurnStatus): boolean => status !== 'requested' && status !== 'started';

/** Whether that attempt announced that call and no event has accounted for it yet. */
export const isUnsettled = (turn: TurnState, attempt: number, callId: string): boolean =>
  turn.unsettled.some((call) => call.attempt === attempt && call.callId === callId);

/** Whether that attempt may still end the turn by that call: it holds the claim, and the call has a record and is not accounted for. */
export const holdsClaim = (turn: TurnState, attempt: number, callId: string): boolean =>
  !isTerminal(turn.status) &&
  turn.worker !== undefined &&
  turn.attempt === attempt &&
  isUnsettled(turn, attempt, callId);

export type TurnEvent = Exclude<
  SessionEvent,
  {
    type:
      | 'SessionStarted'
      | 'SessionForked'
      | 'RerunSessionStarted'
      | 'SessionEnded'
      | 'SessionReconfigured'
      | 'SessionBookmarked'
      | 'SessionRewound'
      | 'TurnRequested'
      | SummaryEvent['type'];
  }
>;

/** Folds one event that names the turn, which stands at `revision`; never throws for content. */
export function evolveTurn(turn: TurnState, event: TurnEvent, revision: number): TurnState {
  switch (event.type) {
    case 'TurnStarted': {
      const { attempt, worker, calls } = event.data;
      const announced = calls.map(({ callId }) => ({ attempt, callId }));
      return { ...turn, status: 'started', attempt, worker, unsettled: [...turn.unsettled, ...announced] };
    }
    case 'TurnAttemptFailed': {
      const { worker: _lost, ...free } = turn;
      const { attempt, code, callId } = event.data;
      // A lost worker's calls stay open: if it still lives, its late result settles them.
      if (code === 'worker_lost') return free;
      const failed = settle(free, callId);
      // The first one counts: whatever fails after it, the correction is of this one, and there is one.
      return code === MOVE_INVALID && !turn.invalidMove ? { ...failed, invalidMove: { attempt, revision } } : failed;
    }
    case 'TurnCompleted': {
      const completed = settle({ ...turn, status: 'completed' }, event.data.callId);
      return event.data.move === undefined ? completed : { ...completed, move: { verdict: 'none' } };
    }
    case 'TurnReused': {
      const reused = { ...turn, status: 'completed' as const };
      return event.data.move === undefined ? reused : { ...reused, move: { verdict: 'none' } };
    }
    case 'TurnFailed':
      return { ...turn, status: 'failed' };
    case 'TurnCancelled':
      return { ...turn, status: 'cancelled' };
    case 'TurnTimedOut':
      return { ...turn, status: 'timed_out' };
    case 'AttemptSettled':
      return settle(turn, event.data.callId);
    case 'MoveAccepted':
      return { ...turn, move: { verdict: 'accepted', stateRev: event.data.stateRev } };
    case 'MoveRejected':
      return { ...turn, move: { verdict: 'rejected' } };
  }
}

const settle = (turn: TurnState, callId: string | undefined): TurnState =>
  callId === undefined ? turn : { ...turn, unsettled: turn.unsettled.filter((call) => call.callId !== callId) };
