import type { Form, Json, Secret } from './secret.ts';
import type { FinishReason, Move, MoveVerdict, SessionEvent, Speaker, Trigger, Usage } from './session/events.ts';
import { isTerminal, type TurnStatus } from './session/turn-state.ts';

/** What a reader is shown of a turn, in whatever form its events are in. */
export interface TurnRecord<F extends Form> {
  readonly turnId: string;
  readonly sessionId: string;
  readonly position: number;
  readonly status: TurnStatus;
  readonly scenarioId: string;
  readonly scenarioVersion: number;
  readonly speaker: Speaker;
  /** Absent where a trigger let the character speak first. */
  readonly prompt?: Secret<F, string>;
  readonly trigger?: Trigger<F>;
  readonly promptTokens: number;
  readonly metadata?: Secret<F, { readonly [key: string]: Json }>;
  readonly stateRev?: number;
  readonly reply?: Secret<F, string>;
  /** What the reply proposed, where it proposed something. */
  readonly move?: Secret<F, Move>;
  readonly moveVerdict?: MoveVerdict<F>;
  /** What had been said when the turn ended badly. */
  readonly partial?: Secret<F, string>;
  readonly fallback?: Secret<F, string>;
  readonly model?: string;
  readonly finishReason?: FinishReason;
  readonly usage?: Usage;
  readonly errorCode?: string;
  /** Model calls announced so far. */
  readonly attempts: number;
  readonly firstTokenMs?: number;
  readonly durationMs?: number;
  readonly deadlineMs: number;
  /** ISO 8601, milliseconds. */
  readonly requestedAt: string;
  readonly endedAt?: string;
  /** Set by whoever shows it beside its session: a rewind has cut it. Not a fold of the turn's own events. */
  readonly isRewound?: true;
  /** Revision of its TurnRequested: whether a rewind came later. */
  readonly requestedRevision: number;
  /** Revision of the newest event folded in. */
  readonly revision: number;
}

/** What the fold needs beside the event itself. */
export interface TurnRecordContext {
  readonly sessionId: string;
  readonly scenarioId: string;
  readonly revision: number;
  readonly recordedAt: string;
}

/** The turn an event is about, if it is about one: what happened to it, not what somebody means to do with it. */
export const turnIdOf = (event: SessionEvent): string | undefined =>
  event.type !== 'SessionBookmarked' && 'turnId' in event.data ? event.data.turnId : undefined;

/** Folds one event into a turn's record; undefined until the turn was requested. Never throws for content. */
export function evolveTurnRecord<F extends Form>(
  record: TurnRecord<F> | undefined,
  event: SessionEvent<F>,
  context: TurnRecordContext,
): TurnRecord<F> | undefined {
  const { revision, recordedAt } = context;
  if (event.type === 'TurnRequested') return requested(event.data, context);
  if (!record || turnIdOf(event) !== record.turnId) return record;
  const seen = { ...record, revision };
  switch (event.type) {
    case 'TurnStarted': {
      const { calls } = event.data;
      const model = calls.at(-1)?.model;
      return {
        ...seen,
        status: 'started',
        attempts: record.attempts + calls.length,
        ...(model !== undefined && { model }),
      };
    }
    case 'TurnCompleted': {
      const { reply, move, finishReason, usage, ttftMs, durationMs, provider } = event.data;
      const completed = { status: 'completed' as const, reply, finishReason, usage, model: provider.model };
      const proposed = move === undefined ? {} : { move };
      return { ...seen, ...completed, ...proposed, firstTokenMs: ttftMs, durationMs, endedAt: recordedAt };
    }
    case 'TurnReused': {
      const { reply, move, finishReason, model } = event.data;
      const proposed = move === undefined ? {} : { move };
      return { ...seen, ...proposed, status: 'completed', reply, finishReason, model, endedAt: recordedAt };
    }
    case 'MoveAccepted':
      return { ...seen, moveVerdict: { verdict: 'accepted', stateRev: event.data.stateRev } };
    case 'MoveRejected':
      return { ...seen, moveVerdict: { verdict: 'rejected', reason: event.data.reason } };
    case 'TurnFailed':
    case 'TurnCancelled':
    case 'TurnTimedOut':
      return { ...seen, ...endedBadly<F>(event), endedAt: recordedAt };
    case 'AttemptSettled':
      return record.usage || !isTerminal(record.status) ? seen : { ...seen, usage: event.data.usage };
    default:
      return seen;
  }
}

function requested<F extends Form>(
  data: Extract<SessionEvent<F>, { type: 'TurnRequested' }>['data'],
  { sessionId, scenarioId, revision, recordedAt }: TurnRecordContext,
): TurnRecord<F> {
  const { turnId, position, scenarioVersion, speaker, text, trigger, state, metadata, tokens, deadlineMs } = data;
  return {
    turnId,
    sessionId,
    position,
    scenarioId,
    scenarioVersion,
    speaker,
    deadlineMs,
    revision,
    requestedRevision: revision,
    status: 'requested',
    promptTokens: tokens,
    attempts: 0,
    requestedAt: recordedAt,
    ...(text !== undefined && { prompt: text }),
    ...(trigger && { trigger }),
    ...(metadata !== undefined && { metadata }),
    ...(state && { stateRev: state.rev }),
  };
}

type BadEnding<F extends Form> = Extract<SessionEvent<F>, { type: 'TurnFailed' | 'TurnCancelled' | 'TurnTimedOut' }>;

function endedBadly<F extends Form>(event: BadEnding<F>): Partial<TurnRecord<F>> & { readonly status: TurnStatus } {
  const { partial } = event.data;
  const said = partial === undefined ? {} : { partial };
  if (event.type === 'TurnCancelled') return { ...said, status: 'cancelled', errorCode: 'turn_cancelled' };
  const { fallback } = event.data;
  const kept = fallback === undefined ? said : { ...said, fallback };
  if (event.type === 'TurnTimedOut')
    return { ...kept, status: 'timed_out', errorCode: `turn_timed_out_${event.data.phase}` };
  const { usage, code } = event.data;
  return { ...kept, status: 'failed', errorCode: code, ...(usage && { usage }) };
}
