import {
  accepted,
  completeTurn,
  evolveSession,
  failAttempt,
  fallbackLine,
  MOVE_INVALID,
  type SessionState,
  settleOnly,
  timeOutTurn,
} from '@turnledger/shared/domain';
import { appendPaid, type RunAttempt, type SessionDecision } from './append-paid.ts';
import { costOf, usageOf } from './money-spent.ts';
import type { WorkerPorts } from './ports.ts';
import type { Completion } from './read-completion.ts';
import { retryDelayMs } from './retry-table.ts';

/** What the turn is to do next: nothing more, or another attempt after a pause. */
export type AfterAttempt = { readonly kind: 'over' } | { readonly kind: 'retry'; readonly inMs: number };

const over: AfterAttempt = { kind: 'over' };

/**
 * Records what an attempt came to. What was paid is written down whatever happened to the turn meanwhile, and an append of unknown outcome
 * is retried until it is known (rule 7), as is one that a store or other writers kept from happening: the money is spent.
 */
export async function recordOutcome(
  ports: WorkerPorts,
  run: RunAttempt,
  completion: Completion,
): Promise<AfterAttempt> {
  const { turnId, attempt, plan, remainingMs } = run;
  const { callId } = plan.call;
  const usage = await usageOf(plan, completion);
  const cost = costOf(plan, usage, ports.prices);
  const fallback = fallbackLine(plan.scenario.fallbackLines, turnId);
  const spoken = { ...(fallback !== undefined && { fallback }) };
  const partial = 'partial' in completion && completion.partial !== '' ? { partial: completion.partial } : {};
  const append = (decide: (state: SessionState) => SessionDecision) => appendPaid(ports, { ...run, callId }, decide);
  const settle = (state: SessionState) => settleOnly({ turnId, attempt, callId, usage, cost }, state);

  switch (completion.kind) {
    case 'completed': {
      const { text, move, ending, ttftMs, durationMs } = completion;
      const { model, responseId, fingerprint } = ending;
      const provider = {
        model,
        ...(responseId !== undefined && { responseId }),
        ...(fingerprint !== undefined && { fingerprint }),
      };
      const command = {
        turnId,
        attempt,
        callId,
        usage,
        cost,
        provider,
        reply: text,
        ...(move && { move }),
        finishReason: ending.finishReason,
      };
      await append((state) =>
        completeTurn({ ...command, ttftMs: round(ttftMs), durationMs: round(durationMs) }, state),
      );
      return over;
    }
    case 'timed_out': {
      const command = {
        turnId,
        attempt,
        phase: completion.phase,
        elapsedMs: round(completion.elapsedMs),
        ...partial,
        ...spoken,
      };
      await append((state) => both(timeOutTurn(command, state), settle, state));
      return over;
    }
    case 'aborted':
      await append(settle);
      return over;
    case 'failed': {
      const { code, providerStatus, retryAfterMs, raw } = completion;
      const jitter = ports.ids.randomBytes(1).readUInt8(0) / 256;
      const { maxAttempts } = plan.scenario.retry;
      // A correction that brought no valid move either is the last: what a model gets wrong twice it gets wrong a third time, for money.
      const isFinal = code === MOVE_INVALID && plan.prompt.correctionOfAttempt !== undefined;
      const failure = { code, retryAfterMs, attempt, maxAttempts, remainingMs, jitter };
      const retryInMs = isFinal ? undefined : retryDelayMs({ ...failure, isNextUntried: plan.isNextUntried });
      const recorded = await append((state) =>
        failAttempt(
          {
            turnId,
            attempt,
            callId,
            code,
            cost,
            usage,
            ...partial,
            ...spoken,
            ...(raw && { reply: raw }),
            ...(providerStatus !== undefined && { providerStatus }),
            ...(retryInMs !== undefined && { retryInMs }),
          },
          state,
        ),
      );
      return recorded && retryInMs !== undefined ? { kind: 'retry', inMs: retryInMs } : over;
    }
  }
}

/** The ending and the money in one append; when the ending is refused because the turn has ended, the money alone. */
function both(
  ending: SessionDecision,
  settle: (state: SessionState) => SessionDecision,
  state: SessionState,
): SessionDecision {
  if (ending.outcome !== 'accepted') return settle(state);
  const settled = settle(ending.events.reduce(evolveSession, state));
  const [first, ...rest] = ending.events;
  return settled.outcome === 'accepted' ? accepted(first, ...rest, ...settled.events) : ending;
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
