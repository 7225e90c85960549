import type { SessionEvent } from './events.ts';

export type TurnStatus = 'requested' | 'started' | 'completed' | 'failed' | 'cancelled' | 'timed_out';

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
      | 'SessionEnded'
      | 'SessionReconfigured'
      | 'SessionBookmarked'
      | 'SessionRewound'
      | 'TurnRequested';
  }
>;

/** Folds one event that names the turn; never throws for content. */
export function evolveTurn(turn: TurnState, event: TurnEvent): TurnState {
  switch (event.type) {
    case 'TurnStarted': {
      const { attempt, worker, calls } = event.data;
      const announced = calls.map(({ callId }) => ({ attempt, callId }));
      return { ...turn, status: 'started', attempt, worker, unsettled: [...turn.unsettled, ...announced] };
    }
    case 'TurnAttemptFailed': {
      const { worker: _lost, ...free } = turn;
      // A lost worker's calls stay open: if it still lives, its late result settles them.
      return event.data.code === 'worker_lost' ? free : settle(free, event.data.callId);
    }
    case 'TurnCompleted':
      return settle({ ...turn, status: 'completed' }, event.data.callId);
    case 'TurnFailed':
      return { ...turn, status: 'failed' };
    case 'TurnCancelled':
      return { ...turn, status: 'cancelled' };
    case 'TurnTimedOut':
      return { ...turn, status: 'timed_out' };
    case 'AttemptSettled':
      return settle(turn, event.data.callId);
  }
}

const settle = (turn: TurnState, callId: string | undefined): TurnState =>
  callId === undefined ? turn : { ...turn, unsettled: turn.unsettled.filter((call) => call.callId !== callId) };
