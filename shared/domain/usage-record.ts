import type { CallRecord } from './call-record.ts';
import type { SessionEvent, Usage } from './session/events.ts';
import { MOVE_INVALID } from './session/turn-state.ts';

/** What a day's usage is told apart by; an empty text stands for none: no game, or a turn that ended before a model was chosen. */
export interface UsageGroup {
  /** UTC day of the event's recordedAt: `2026-01-31`. */
  readonly day: string;
  readonly gameId: string;
  readonly scenarioId: string;
  readonly scenarioVersion: number;
  readonly model: string;
  readonly endpoint: string;
}

/** Sums over a group. Money is counted where it is spent: the failed attempts, the completed turn and what was settled later. */
export interface UsageCounts {
  readonly calls: number;
  readonly turnsCompleted: number;
  readonly turnsFailed: number;
  readonly turnsCancelled: number;
  readonly turnsTimedOut: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly costMicroUsd: number;
  /** Accounts with a price, and those without: their cost is unknown, and no part of the sum. */
  readonly pricedCalls: number;
  readonly unpricedCalls: number;
  /** Moves of completed turns, what the game made of them, and attempts that had none that their schema allows. */
  readonly movesProposed: number;
  readonly movesAccepted: number;
  readonly movesRejected: number;
  readonly movesInvalid: number;
}

export const noUsage: UsageCounts = {
  calls: 0,
  turnsCompleted: 0,
  turnsFailed: 0,
  turnsCancelled: 0,
  turnsTimedOut: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  costMicroUsd: 0,
  pricedCalls: 0,
  unpricedCalls: 0,
  movesProposed: 0,
  movesAccepted: 0,
  movesRejected: 0,
  movesInvalid: 0,
};

type Mutable<T> = { -readonly [name in keyof T]: T[name] };

/** One change to the sums of one group. */
export interface UsageChange {
  readonly group: UsageGroup;
  readonly counts: Partial<UsageCounts>;
}

/** What must be known beside the event: facts that are fixed, whatever comes later. */
export interface UsageContext {
  readonly recordedAt: string;
  readonly gameId: string | undefined;
  readonly scenarioId: string;
  readonly scenarioVersion: number;
  /** The call that the event gives an account of. */
  readonly call: Pick<CallRecord, 'model' | 'endpoint'> | undefined;
  /** The call that the turn planned last. */
  readonly lastCall: Pick<CallRecord, 'model' | 'endpoint'> | undefined;
}

/** The sums of one group, as a row. */
export interface UsageRecord extends UsageGroup, UsageCounts {
  /** Log position of the newest event folded in, in decimal. */
  readonly position: string;
  /** How many events are folded in. */
  readonly revision: number;
}

/** Tells groups apart, whatever characters a model's name has. */
export const usageKey = ({ day, gameId, scenarioId, scenarioVersion, model, endpoint }: UsageGroup): string =>
  JSON.stringify([day, gameId, scenarioId, scenarioVersion, model, endpoint]);

/** Adds what one event changes, which may be several counts; the changes are all of the record's group. */
export function evolveUsageRecord(
  record: UsageRecord | undefined,
  changes: readonly [UsageChange, ...UsageChange[]],
  position: bigint,
): UsageRecord {
  const before = record ?? { ...changes[0].group, ...noUsage, position: '', revision: 0 };
  const next: Mutable<UsageRecord> = { ...before, position: String(position), revision: before.revision + 1 };
  for (const { counts } of changes) {
    for (const name of Object.keys(counts) as (keyof UsageCounts)[]) next[name] += counts[name] ?? 0;
  }
  return next;
}

/** The scenario version that an event counts for: its turn's, or that of a summary's call; undefined where neither is known. */
export function countedVersion(
  event: SessionEvent,
  turn: { readonly scenarioVersion: number } | undefined,
  call: Pick<CallRecord, 'scenarioVersion'> | undefined,
): number | undefined {
  switch (event.type) {
    case 'SummaryStarted':
      return event.data.prompt.scenarioVersion;
    case 'HistorySummarized':
    case 'SummaryFailed':
      return call?.scenarioVersion;
    default:
      return turn?.scenarioVersion;
  }
}

function spent(usage: Usage | undefined, costMicroUsd: number | undefined): Partial<UsageCounts> {
  if (!usage) return {};
  return {
    inputTokens: usage.input,
    cachedTokens: usage.cached,
    outputTokens: usage.output,
    reasoningTokens: usage.reasoning,
    costMicroUsd: costMicroUsd ?? 0,
    ...(costMicroUsd === undefined ? { unpricedCalls: 1 } : { pricedCalls: 1 }),
  };
}

/** What an event adds to which day's groups. Of TurnFailed the ending alone: its usage repeats that of its last failed attempt. */
export function usageOf(event: SessionEvent, context: UsageContext): readonly UsageChange[] {
  const { recordedAt, gameId = '', scenarioId, scenarioVersion, call, lastCall } = context;
  const group = (of: Pick<CallRecord, 'model' | 'endpoint'> | undefined): UsageGroup => ({
    day: recordedAt.slice(0, 10),
    gameId,
    scenarioId,
    scenarioVersion,
    model: of?.model ?? '',
    endpoint: of?.endpoint ?? '',
  });
  switch (event.type) {
    case 'TurnStarted':
    case 'SummaryStarted':
      return event.data.calls.map((planned) => ({ group: group(planned), counts: { calls: 1 } }));
    case 'TurnCompleted': {
      const { usage, costMicroUsd, move } = event.data;
      const counts = {
        turnsCompleted: 1,
        ...spent(usage, costMicroUsd),
        ...(move !== undefined && { movesProposed: 1 }),
      };
      return [{ group: group(call), counts }];
    }
    case 'TurnAttemptFailed': {
      const { usage, costMicroUsd, code } = event.data;
      const counts = { ...spent(usage, costMicroUsd), ...(code === MOVE_INVALID && { movesInvalid: 1 }) };
      return Object.keys(counts).length > 0 ? [{ group: group(call), counts }] : [];
    }
    case 'AttemptSettled':
    case 'HistorySummarized': {
      const { usage, costMicroUsd } = event.data;
      return [{ group: group(call), counts: spent(usage, costMicroUsd) }];
    }
    case 'SummaryFailed': {
      const counts = spent(event.data.usage, event.data.costMicroUsd);
      return Object.keys(counts).length > 0 ? [{ group: group(call), counts }] : [];
    }
    case 'MoveAccepted':
      return [{ group: group(lastCall), counts: { movesAccepted: 1 } }];
    case 'MoveRejected':
      return [{ group: group(lastCall), counts: { movesRejected: 1 } }];
    case 'TurnFailed':
      return [{ group: group(lastCall), counts: { turnsFailed: 1 } }];
    case 'TurnCancelled':
      return [{ group: group(lastCall), counts: { turnsCancelled: 1 } }];
    case 'TurnTimedOut':
      return [{ group: group(lastCall), counts: { turnsTimedOut: 1 } }];
    default:
      return [];
  }
}
