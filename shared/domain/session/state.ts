import type { Participant, SessionEvent, SessionOutcome } from './events.ts';
import { emptyTurnIndex, findTurn, type TurnIndex, withTurn } from './turn-index.ts';

export type TurnStatus = 'requested' | 'started' | 'completed' | 'failed' | 'cancelled' | 'timed_out';

/** What the rules need to know of one turn; its texts stay in the log. */
export interface TurnState {
  readonly turnId: string;
  readonly position: number;
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

/** Effective history, newest first: a list that shares its tail, so a step copies nothing. */
export interface HistoryNode {
  readonly turnId: string;
  readonly length: number;
  readonly previous?: HistoryNode;
}

export interface SessionState {
  readonly status: 'none' | 'open' | 'ended';
  /** Revision of the newest folded event; -1 before the first. */
  readonly revision: number;
  readonly scenarioId: string;
  /** What the next turn is played under. */
  readonly scenarioVersion: number;
  readonly gameId?: string;
  readonly participants: readonly Participant[];
  readonly keyId: string;
  readonly bodyHmac: string;
  readonly turns: TurnIndex<TurnState>;
  readonly history?: HistoryNode;
  readonly openTurnId?: string;
  /** How it ended; absent while it is open. */
  readonly ending?: { readonly outcome: SessionOutcome; readonly score?: number };
}

export const initialSession: SessionState = {
  status: 'none',
  revision: -1,
  scenarioId: '',
  scenarioVersion: 0,
  participants: [],
  keyId: '',
  bodyHmac: '',
  turns: emptyTurnIndex,
};

export const isTerminal = (status: TurnStatus): boolean => status !== 'requested' && status !== 'started';

export const turnOf = (state: SessionState, turnId: string): TurnState | undefined => findTurn(state.turns, turnId);

/** Whether that attempt announced that call and no event has accounted for it yet. */
export const isUnsettled = (turn: TurnState, attempt: number, callId: string): boolean =>
  turn.unsettled.some((call) => call.attempt === attempt && call.callId === callId);

/** Whether that attempt may still end the turn by that call: it holds the claim, and the call has a record and is not accounted for. */
export const holdsClaim = (turn: TurnState, attempt: number, callId: string): boolean =>
  !isTerminal(turn.status) &&
  turn.worker !== undefined &&
  turn.attempt === attempt &&
  isUnsettled(turn, attempt, callId);

/** Folds one event; never throws for content: an event about an unknown turn moves the revision alone. */
export function evolveSession(state: SessionState, event: SessionEvent): SessionState {
  const next = { ...state, revision: state.revision + 1 };
  switch (event.type) {
    case 'SessionStarted': {
      const { scenarioId, scenarioVersion, gameId, participants, keyId, bodyHmac } = event.data;
      const started = { ...next, status: 'open' as const, scenarioId, scenarioVersion, participants, keyId, bodyHmac };
      return gameId === undefined ? started : { ...started, gameId };
    }
    case 'SessionEnded': {
      const { outcome, score } = event.data;
      return { ...next, status: 'ended', ending: score === undefined ? { outcome } : { outcome, score } };
    }
    case 'SessionReconfigured':
      return { ...next, scenarioVersion: event.data.scenarioVersion };
    case 'TurnRequested': {
      const { turnId, position, scenarioVersion, bodyHmac, deadlineMs } = event.data;
      const turn: TurnState = {
        turnId,
        position,
        scenarioVersion,
        bodyHmac,
        deadlineMs,
        status: 'requested',
        attempt: 0,
        unsettled: [],
        requestedRevision: next.revision,
        lastRevision: next.revision,
      };
      const history: HistoryNode = {
        turnId,
        length: (state.history?.length ?? 0) + 1,
        ...(state.history && { previous: state.history }),
      };
      return { ...next, turns: withTurn(state.turns, turn), history, openTurnId: turnId };
    }
    default: {
      const turn = turnOf(state, event.data.turnId);
      if (!turn) return next;
      const changed = { ...evolveTurn(turn, event), lastRevision: next.revision };
      const turns = withTurn(state.turns, changed);
      if (!isTerminal(changed.status) || state.openTurnId !== turn.turnId) return { ...next, turns };
      const { openTurnId: _ended, ...closed } = next;
      return { ...closed, turns };
    }
  }
}

type TurnEvent = Exclude<
  SessionEvent,
  { type: 'SessionStarted' | 'SessionEnded' | 'SessionReconfigured' | 'TurnRequested' }
>;

function evolveTurn(turn: TurnState, event: TurnEvent): TurnState {
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
