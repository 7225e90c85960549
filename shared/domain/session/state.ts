import type { Participant, SessionEvent, SessionOutcome } from './events.ts';
import { emptyTurnIndex, findTurn, type TurnIndex, withTurn } from './turn-index.ts';
import { evolveTurn, isTerminal, type TurnState } from './turn-state.ts';

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

export const turnOf = (state: SessionState, turnId: string): TurnState | undefined => findTurn(state.turns, turnId);

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
      const changed = { ...evolveTurn(turn, event, next.revision), lastRevision: next.revision };
      const turns = withTurn(state.turns, changed);
      if (!isTerminal(changed.status) || state.openTurnId !== turn.turnId) return { ...next, turns };
      const { openTurnId: _ended, ...closed } = next;
      return { ...closed, turns };
    }
  }
}
