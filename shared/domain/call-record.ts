import type { CallPurpose, PlannedCall, SessionEvent, Usage } from './session/events.ts';

/** `open`: nothing has been heard of it yet. The outcomes of AttemptSettled stand beside those of an attempt. */
export type CallStatus = 'open' | 'completed' | 'failed' | 'late' | 'cancelled' | 'timed_out' | 'lost';

/** One request to a model, as the list of calls shows it: who was asked for what and what it cost, and no word of what was said. */
export interface CallRecord {
  readonly callId: string;
  /** Of a summary the last turn that it covers. */
  readonly turnId: string;
  readonly sessionId: string;
  /** Of a summary 1: each is asked for once. */
  readonly attempt: number;
  /** Absent: a reply. */
  readonly purpose?: 'summary';
  readonly scenarioId: string;
  readonly scenarioVersion: number;
  readonly gameId?: string;
  readonly playerId?: string;
  /** As the worker asked for it, not as the model called itself. */
  readonly model: string;
  readonly endpoint: string;
  readonly status: CallStatus;
  /** Why it failed. */
  readonly code?: string;
  /** The HTTP status of the model's side, where that was the failure. */
  readonly providerStatus?: number;
  readonly usage?: Usage;
  /** Absent where no price is known, which is not the same as free. */
  readonly costMicroUsd?: number;
  readonly priceTable?: string;
  readonly firstTokenMs?: number;
  readonly durationMs?: number;
  /** ISO 8601, milliseconds. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Revision of the newest event folded in. */
  readonly revision: number;
}

/** What the fold needs beside the event itself; the session's and the turn's facts are fixed before a call is planned. */
export interface CallRecordContext {
  readonly callId: string;
  readonly sessionId: string;
  readonly gameId: string | undefined;
  readonly scenarioId: string;
  readonly scenarioVersion: number;
  readonly playerId: string | undefined;
  readonly revision: number;
  readonly recordedAt: string;
}

/** The calls that an event is about: those it plans, or the one it gives an account of. */
export function callIdsOf(event: SessionEvent): readonly string[] {
  if (event.type === 'TurnStarted' || event.type === 'SummaryStarted')
    return event.data.calls.map(({ callId }) => callId);
  return 'callId' in event.data && event.data.callId !== undefined ? [event.data.callId] : [];
}

/** Folds one event into the record of a call; undefined until the call was planned. Never throws for content. */
export function evolveCallRecord(
  record: CallRecord | undefined,
  event: SessionEvent,
  context: CallRecordContext,
): CallRecord | undefined {
  const { revision, recordedAt: endedAt } = context;
  if (event.type === 'TurnStarted') return planned(event.data, context);
  if (event.type === 'SummaryStarted') {
    const { throughTurnId: turnId, calls, prompt } = event.data;
    const record = planned({ turnId, calls, attempt: 1 }, { ...context, scenarioVersion: prompt.scenarioVersion });
    return record && { ...record, purpose: 'summary' };
  }
  if (!record) return undefined;
  switch (event.type) {
    case 'TurnCompleted':
    case 'HistorySummarized': {
      const { usage, costMicroUsd, priceTable, ttftMs: firstTokenMs, durationMs } = event.data;
      const account = {
        usage,
        priceTable,
        firstTokenMs,
        durationMs,
        ...(costMicroUsd !== undefined && { costMicroUsd }),
      };
      return { ...record, ...account, status: 'completed', endedAt, revision };
    }
    case 'TurnAttemptFailed': {
      const { code, providerStatus, usage, costMicroUsd } = event.data;
      const account = { ...(usage && { usage }), ...(costMicroUsd !== undefined && { costMicroUsd }) };
      const failure = { code, ...(providerStatus !== undefined && { providerStatus }) };
      return { ...record, ...failure, ...account, status: 'failed', endedAt, revision };
    }
    case 'SummaryFailed': {
      const { code, providerStatus, usage, costMicroUsd, priceTable } = event.data;
      const account = {
        ...(usage && { usage }),
        ...(costMicroUsd !== undefined && { costMicroUsd }),
        ...(priceTable !== undefined && { priceTable }),
      };
      const failure = { code, ...(providerStatus !== undefined && { providerStatus }) };
      return { ...record, ...failure, ...account, status: 'failed', endedAt: record.endedAt ?? endedAt, revision };
    }
    case 'AttemptSettled': {
      const { outcome, usage, costMicroUsd, priceTable } = event.data;
      const account = { usage, priceTable, ...(costMicroUsd !== undefined && { costMicroUsd }) };
      return { ...record, ...account, status: outcome, endedAt: record.endedAt ?? endedAt, revision };
    }
    default:
      return record;
  }
}

function planned(
  {
    turnId,
    attempt,
    calls,
  }: { readonly turnId: string; readonly attempt: number; readonly calls: readonly PlannedCall<CallPurpose>[] },
  { callId, sessionId, gameId, scenarioId, scenarioVersion, playerId, revision, recordedAt }: CallRecordContext,
): CallRecord | undefined {
  const call = calls.find((one) => one.callId === callId);
  return (
    call && {
      callId,
      turnId,
      sessionId,
      attempt,
      scenarioId,
      scenarioVersion,
      ...(gameId !== undefined && { gameId }),
      ...(playerId !== undefined && { playerId }),
      model: call.model,
      endpoint: call.endpoint,
      status: 'open',
      startedAt: recordedAt,
      revision,
    }
  );
}
