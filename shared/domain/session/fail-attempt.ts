import { accepted, type Decision, refused } from '../decision.ts';
import { turnOf } from './effective-history.ts';
import type { Cost, SessionEvent, Usage } from './events.ts';
import type { SessionState } from './state.ts';
import { holdsClaim, isUnsettled } from './turn-state.ts';

export interface FailAttempt {
  readonly turnId: string;
  readonly attempt: number;
  readonly callId: string;
  readonly code: string;
  readonly providerStatus?: number;
  /** What the model had said, if anything; never shown as a reply. */
  readonly partial?: string;
  /** The same word for word, where a player would have been shown less of it; default `partial`. Kept with the attempt alone. */
  readonly reply?: string;
  readonly usage?: Usage;
  readonly cost: Cost;
  /** Milliseconds until the next attempt; absent when the failure is final. */
  readonly retryInMs?: number;
  readonly fallback?: string;
}

/**
 * Records an attempt that brought no usable answer; without a retry the turn fails in the same append.
 *
 * When the turn has ended meanwhile, or another attempt runs, only the money spent is recorded (`AttemptSettled`).
 */
export function failAttempt(
  command: FailAttempt,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'turn_not_found' | 'turn_already_ended'> {
  const { turnId, attempt, callId, code, providerStatus, partial, usage, cost, retryInMs, fallback } = command;
  const reply = command.reply ?? partial;
  const turn = turnOf(state, turnId);
  if (!turn) return refused('turn_not_found');
  if (!holdsClaim(turn, attempt, callId)) return settleOnly({ turnId, attempt, callId, usage, cost }, state);
  const spent = {
    ...(usage && { usage }),
    ...(cost.costMicroUsd !== undefined && { costMicroUsd: cost.costMicroUsd }),
  };
  const attemptFailed: SessionEvent<'plain'> = {
    type: 'TurnAttemptFailed',
    data: {
      turnId,
      attempt,
      callId,
      code,
      ...(providerStatus !== undefined && { providerStatus }),
      ...(retryInMs !== undefined && { retryInMs }),
      ...(reply !== undefined && { reply }),
      ...spent,
    },
  };
  if (retryInMs !== undefined) return accepted(attemptFailed);
  return accepted(attemptFailed, {
    type: 'TurnFailed',
    data: {
      turnId,
      attempt,
      code,
      stage: 'model',
      ...(partial !== undefined && { partial }),
      ...(fallback !== undefined && { fallback }),
      ...spent,
    },
  });
}

export interface SettleAttempt {
  readonly turnId: string;
  readonly attempt: number;
  readonly callId: string;
  readonly usage: Usage | undefined;
  readonly cost: Cost;
}

/** Records what a call cost once its turn has ended without it; a call is settled at most once. */
export function settleOnly(
  { turnId, attempt, callId, usage, cost }: SettleAttempt,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'turn_not_found' | 'turn_already_ended'> {
  const turn = turnOf(state, turnId);
  if (!turn) return refused('turn_not_found');
  if (usage === undefined || !isUnsettled(turn, attempt, callId)) return refused('turn_already_ended', turnId);
  const outcome =
    turn.status === 'cancelled' || turn.status === 'timed_out'
      ? turn.status
      : turn.attempt === attempt
        ? 'late'
        : 'lost';
  return accepted({ type: 'AttemptSettled', data: { turnId, attempt, callId, outcome, usage, ...cost } });
}
