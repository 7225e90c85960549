import { LRUCache } from 'lru-cache';
import { Counter, Histogram, type Registry } from 'prom-client';
import { limits } from '../../contracts/index.ts';
import type { SessionEvent } from '../../domain/index.ts';
import { buckets } from './buckets.ts';
import { type CallLabels, callMetrics } from './call-metrics.ts';

interface FollowedTurn {
  readonly requestedAtMs: number;
  /** By attempt. */
  readonly calls: Map<number, CallLabels>;
}

/** Takes one event of a session; `atMs` is the log's time of it. */
export type CountEvent = (event: SessionEvent<'sealed'>, atMs: number) => void;

/**
 * Counts turns and their calls from the events as they were recorded. Durations are between the log's own times, in whole milliseconds. A
 * turn that began before this process, or before the newest limits.metrics.maxFollowedTurns, is counted without its duration and its call.
 */
export function turnMetrics(registry: Registry): CountEvent {
  const registers = [registry];
  const requested = new Counter({ name: 'turnledger_turns_requested_total', help: 'Turns asked for.', registers });
  const ended = new Counter({
    name: 'turnledger_turns_total',
    help: 'Turns by their ending, and why: the finish reason, the code, who stopped it, or the phase that took too long.',
    labelNames: ['status', 'reason'],
    registers,
  });
  const durations = new Histogram({
    name: 'turnledger_turn_duration_seconds',
    help: 'From the record of a request to the record of its ending.',
    labelNames: ['status'],
    buckets: [...buckets.turn],
    registers,
  });
  const overheads = new Histogram({
    name: 'turnledger_turn_overhead_seconds',
    help: 'What Turnledger itself added to a turn: its duration without the wait for the model; turns completed at the first attempt.',
    buckets: [...buckets.overhead],
    registers,
  });
  const attempts = new Histogram({
    name: 'turnledger_turn_attempts',
    help: 'Attempts that a turn took until it ended; 0 for one that ended in the queue.',
    buckets: [0, 1, 2, 3, 5, limits.scenario.maxAttempts],
    registers,
  });
  const calls = callMetrics(registry);
  const turns = new LRUCache<string, FollowedTurn>({ max: limits.metrics.maxFollowedTurns });
  /** Calls for summaries, by their ids. */
  const summaries = new LRUCache<string, CallLabels>({ max: limits.metrics.maxFollowedTurns });
  const callOf = (turnId: string, attempt: number | undefined): CallLabels =>
    turns.get(turnId)?.calls.get(attempt ?? 0) ?? calls.labelsOf(undefined);

  const end = (
    { turnId, attempt = 0 }: { readonly turnId: string; readonly attempt?: number },
    status: string,
    reason: string,
    atMs: number,
  ): number | undefined => {
    ended.inc({ status, reason });
    attempts.observe(attempt);
    const turn = turns.get(turnId);
    if (!turn) return undefined;
    const durationMs = Math.max(0, atMs - turn.requestedAtMs);
    durations.observe({ status }, durationMs / 1_000);
    return durationMs;
  };

  return ({ type, data }, atMs) => {
    switch (type) {
      case 'TurnRequested':
        requested.inc();
        turns.set(data.turnId, { requestedAtMs: atMs, calls: new Map() });
        return;
      case 'TurnStarted':
        for (const call of data.calls) {
          const labels = calls.labelsOf(call);
          calls.started(labels);
          turns.get(data.turnId)?.calls.set(data.attempt, labels);
        }
        return;
      case 'TurnAttemptFailed': {
        const call = callOf(data.turnId, data.attempt);
        calls.ended(call, data.code);
        return calls.spent(call, data.usage, data.costMicroUsd);
      }
      case 'AttemptSettled': {
        const call = callOf(data.turnId, data.attempt);
        calls.ended(call, data.outcome);
        return calls.spent(call, data.usage, data.costMicroUsd);
      }
      case 'TurnCompleted': {
        const call = callOf(data.turnId, data.attempt);
        calls.ended(call, 'completed');
        calls.spent(call, data.usage, data.costMicroUsd);
        calls.answered(call, data);
        const durationMs = end(data, 'completed', data.finishReason, atMs);
        if (durationMs !== undefined && data.attempt === 1)
          overheads.observe(Math.max(0, durationMs - data.durationMs) / 1_000);
        return;
      }
      case 'SummaryStarted':
        for (const call of data.calls) {
          const labels = calls.labelsOf(call);
          calls.started(labels);
          summaries.set(call.callId, labels);
        }
        return;
      case 'HistorySummarized': {
        const call = summaries.get(data.callId) ?? calls.labelsOf(undefined);
        calls.ended(call, 'completed');
        calls.spent(call, data.usage, data.costMicroUsd);
        return calls.answered(call, data);
      }
      case 'SummaryFailed': {
        const call = summaries.get(data.callId) ?? calls.labelsOf(undefined);
        calls.ended(call, data.code);
        return calls.spent(call, data.usage, data.costMicroUsd);
      }
      // What it spent is in the failure of its last attempt.
      case 'TurnFailed':
        return void end(data, 'failed', data.code, atMs);
      case 'TurnCancelled':
        return void end(data, 'cancelled', data.reason, atMs);
      case 'TurnTimedOut':
        return void end(data, 'timed_out', data.phase, atMs);
    }
  };
}
