import type { Form, Json, Secret } from './secret.ts';
import type { Participant, SessionEvent, SessionOutcome } from './session/events.ts';

/** What a reader is shown of a session. */
export interface SessionRecord<F extends Form> {
  readonly sessionId: string;
  readonly scenarioId: string;
  readonly scenarioVersion: number;
  readonly gameId?: string;
  readonly participants: readonly Participant[];
  readonly keyId: string;
  readonly metadata?: Secret<F, { readonly [key: string]: Json }>;
  readonly status: 'open' | 'ended';
  readonly turns: number;
  readonly lastTurnId?: string;
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
    return { ...started, sessionId, status: 'open', turns: 0, startedAt: recordedAt, revision };
  }
  if (!record) return undefined;
  const seen = { ...record, revision };
  switch (event.type) {
    case 'TurnRequested':
      return { ...seen, turns: event.data.position, lastTurnId: event.data.turnId };
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
