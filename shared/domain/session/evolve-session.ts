import type { Form } from '../secret.ts';
import { historyLength, newestTurnId, turnOf } from './effective-history.ts';
import type { SessionEvent, SessionForked, SessionRewound } from './events.ts';
import type { HistoryNode, Rewind, SessionState } from './state.ts';
import { evolveSummaries, summariesThrough } from './summary-state.ts';
import { withTurn } from './turn-index.ts';
import { evolveTurn, isTerminal, type TurnState } from './turn-state.ts';

/** Folds one event; never throws for content: an event about an unknown turn moves the revision alone. */
export function evolveSession(state: SessionState, event: SessionEvent): SessionState {
  const next = { ...state, revision: state.revision + 1 };
  switch (event.type) {
    case 'SessionStarted': {
      const { scenarioId, scenarioVersion, gameId, participants, keyId, bodyHmac } = event.data;
      const started = { ...next, status: 'open' as const, scenarioId, scenarioVersion, participants, keyId, bodyHmac };
      return gameId === undefined ? started : { ...started, gameId };
    }
    case 'SessionForked':
      return forked(next, event.data);
    case 'RerunSessionStarted':
      return forked(next, { ...event.data, bodyHmac: '' });
    case 'SessionEnded': {
      const { outcome, score } = event.data;
      const ending = { outcome, revision: next.revision, ...(score !== undefined && { score }) };
      return { ...next, status: 'ended', ending };
    }
    case 'SessionReconfigured':
      return { ...next, scenarioVersion: event.data.scenarioVersion };
    case 'SessionBookmarked': {
      const { bookmarkId, turnId, bodyHmac } = event.data;
      return { ...next, bookmarks: [...state.bookmarks, { bookmarkId, turnId, bodyHmac, revision: next.revision }] };
    }
    case 'SessionRewound':
      return rewound(next, event.data);
    case 'SummaryStarted':
    case 'HistorySummarized':
    case 'SummaryFailed': {
      const place = { revision: next.revision, historyLength: historyLength(state) };
      return { ...next, summaries: evolveSummaries(state.summaries, event, place) };
    }
    case 'TurnRequested': {
      const { turnId, position, scenarioVersion, bodyHmac, deadlineMs, state: brought } = event.data;
      const previousTurnId = newestTurnId(state);
      const turn: TurnState = {
        turnId,
        position,
        ...(previousTurnId !== undefined && { previousTurnId }),
        scenarioVersion,
        bodyHmac,
        deadlineMs,
        status: 'requested',
        attempt: 0,
        unsettled: [],
        ...(brought && { stateRev: brought.rev }),
        requestedRevision: next.revision,
        lastRevision: next.revision,
      };
      const history: HistoryNode = {
        turnId,
        length: historyLength(state) + 1,
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

function forked(next: SessionState, data: Omit<SessionForked<Form>['data'], 'parentHash' | 'metadata'>): SessionState {
  const { lineage, scenarioId, scenarioVersion, gameId, participants, keyId, bodyHmac } = data;
  const last = lineage.at(-1);
  return {
    ...next,
    status: 'open',
    scenarioId,
    scenarioVersion,
    participants,
    keyId,
    bodyHmac,
    lineage,
    ...(last && { inherited: { turnId: last.throughTurnId, position: last.throughPosition } }),
    ...(gameId !== undefined && { gameId }),
  };
}

function rewound(next: SessionState, data: SessionRewound<Form>['data']): SessionState {
  const { rewindId, toTurnId, toPosition, bodyHmac } = data;
  const { history, inherited, ending: _undone, ...kept } = next;
  let target = toTurnId === undefined ? undefined : history;
  while (target && target.turnId !== toTurnId) target = target.previous;
  const fromTurnId = newestTurnId(next);
  const rewind: Rewind = {
    rewindId,
    bodyHmac,
    revision: next.revision,
    ...(fromTurnId !== undefined && { fromTurnId }),
    ...(toTurnId !== undefined && { toTurnId }),
  };
  const rewinds = [...next.rewinds, rewind];
  const summaries = kept.summaries && { summaries: summariesThrough(kept.summaries, toPosition) };
  const opened = { ...kept, ...summaries, status: 'open' as const, rewinds };
  if (target) return { ...opened, history: target, ...(inherited && { inherited }) };
  if (toTurnId === undefined || !inherited) return opened;
  return { ...opened, inherited: { turnId: toTurnId, position: toPosition } };
}
