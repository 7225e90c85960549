import type { Form, Json, Secret } from './secret.ts';
import type { Participant, SessionEvent, SessionForked, SessionOutcome } from './session/events.ts';

/** A rewind, as turns are held against it: it cut those that were requested before it and stand behind its target. */
export interface Cut {
  readonly revision: number;
  readonly toPosition: number;
}

/** Whether a turn is part of effective history; of session and turn at the same place of the log. */
export const isKept = (
  cuts: readonly Cut[],
  turn: { readonly position: number; readonly requestedRevision: number },
): boolean => !cuts.some((cut) => cut.revision > turn.requestedRevision && cut.toPosition < turn.position);

/** What a reader is shown of a session. */
export interface SessionRecord<F extends Form> {
  readonly sessionId: string;
  readonly scenarioId: string;
  readonly scenarioVersion: number;
  readonly gameId?: string;
  readonly participants: readonly Participant[];
  readonly keyId: string;
  readonly metadata?: Secret<F, { readonly [key: string]: Json }>;
  /** What a fork goes on from: that turn of that session, at that place of the history they share. */
  readonly forkedFrom?: { readonly sessionId: string; readonly turnId: string; readonly position: number };
  readonly status: 'open' | 'ended';
  /** Of effective history. */
  readonly turns: number;
  readonly lastTurnId?: string;
  /** Rewinds that still say something: each goes further back than those after it. */
  readonly cuts: readonly Cut[];
  readonly outcome?: SessionOutcome;
  readonly score?: number;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Revision of the newest event folded in. */
  readonly revision: number;
}

/** Folds one event into a session's record; undefined until the session was started. Never throws for content. */
export function evolveSessionRecord<F extends Form>(
  record: SessionRecord<F> | undefined,
  event: SessionEvent<F>,
  context: { readonly sessionId: string; readonly revision: number; readonly recordedAt: string },
): SessionRecord<F> | undefined {
  const { sessionId, revision, recordedAt } = context;
  if (event.type === 'SessionStarted') {
    const { bodyHmac: _notShown, ...started } = event.data;
    return { ...started, sessionId, status: 'open', turns: 0, cuts: [], startedAt: recordedAt, revision };
  }
  if (event.type === 'SessionForked') return forked(event.data, context);
  if (!record) return undefined;
  const seen = { ...record, revision };
  switch (event.type) {
    case 'TurnRequested':
      return { ...seen, turns: event.data.position, lastTurnId: event.data.turnId };
    case 'SessionRewound': {
      const { toTurnId, toPosition } = event.data;
      const { lastTurnId: _cut, outcome: _undone, score: _with, endedAt: _it, ...kept } = seen;
      // An earlier one that went no further back says nothing that this one does not say.
      const cuts = [...record.cuts.filter((cut) => cut.toPosition < toPosition), { revision, toPosition }];
      return {
        ...kept,
        status: 'open',
        turns: toPosition,
        cuts,
        ...(toTurnId !== undefined && { lastTurnId: toTurnId }),
      };
    }
    case 'SessionReconfigured':
      return { ...seen, scenarioVersion: event.data.scenarioVersion };
    case 'SessionEnded': {
      const { outcome, score } = event.data;
      return { ...seen, status: 'ended', outcome, endedAt: recordedAt, ...(score !== undefined && { score }) };
    }
    default:
      return seen;
  }
}

function forked<F extends Form>(
  data: SessionForked<F>['data'],
  {
    sessionId,
    revision,
    recordedAt,
  }: { readonly sessionId: string; readonly revision: number; readonly recordedAt: string },
): SessionRecord<F> {
  const { bodyHmac: _notShown, parentHash: _norThis, lineage, ...started } = data;
  const last = lineage.at(-1);
  return {
    ...started,
    sessionId,
    revision,
    status: 'open',
    turns: last?.throughPosition ?? 0,
    cuts: [],
    startedAt: recordedAt,
    ...(last && {
      lastTurnId: last.throughTurnId,
      forkedFrom: { sessionId: last.sessionId, turnId: last.throughTurnId, position: last.throughPosition },
    }),
  };
}
