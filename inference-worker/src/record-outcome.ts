import { type ErrorCode, isTurnledgerError, limits, sessionStream } from '@turnledger/shared/contracts';
import {
  accepted,
  completeTurn,
  type Decision,
  evolveSession,
  failAttempt,
  fallbackLine,
  type SessionEvent,
  type SessionState,
  settleOnly,
  timeOutTurn,
} from '@turnledger/shared/domain';
import { costOf, usageOf } from './money-spent.ts';
import type { PlannedAttempt } from './plan-attempt.ts';
import type { WorkerPorts } from './ports.ts';
import type { Completion } from './read-completion.ts';
import { retryDelayMs } from './retry-table.ts';

/** An attempt that was claimed and has come to its outcome. */
export interface RunAttempt {
  readonly sessionId: string;
  readonly turnId: string;
  readonly attempt: number;
  readonly plan: PlannedAttempt;
  readonly remainingMs: number;
  readonly correlationId: string;
  readonly worker: string;
}

/** What the turn is to do next: nothing more, or another attempt after a pause. */
export type AfterAttempt = { readonly kind: 'over' } | { readonly kind: 'retry'; readonly inMs: number };

type SessionDecision = Decision<SessionEvent<'plain'>, 'turn_not_found' | 'turn_already_ended'>;

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
  const { sessionId, turnId, attempt, plan, remainingMs } = run;
  const { callId } = plan.call;
  const usage = await usageOf(plan, completion);
  const cost = costOf(plan, usage, ports.prices);
  const fallback = fallbackLine(plan.scenario.fallbackLines, turnId);
  const spoken = { ...(fallback !== undefined && { fallback }) };
  const partial = 'partial' in completion && completion.partial !== '' ? { partial: completion.partial } : {};
  const settle = (state: SessionState) => settleOnly({ turnId, attempt, callId, usage, cost }, state);

  switch (completion.kind) {
    case 'completed': {
      const { text, ending, ttftMs, durationMs } = completion;
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
        finishReason: ending.finishReason,
      };
      await append(ports, run, (state) =>
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
      await append(ports, run, (state) => both(timeOutTurn(command, state), settle, state));
      return over;
    }
    case 'aborted':
      await append(ports, run, settle);
      return over;
    case 'failed': {
      const { code, providerStatus, retryAfterMs } = completion;
      const jitter = ports.ids.randomBytes(1).readUInt8(0) / 256;
      const { maxAttempts } = plan.scenario.retry;
      const retryInMs = retryDelayMs({
        code,
        retryAfterMs,
        attempt,
        maxAttempts,
        remainingMs,
        jitter,
        isNextUntried: plan.isNextUntried,
      });
      const recorded = await append(ports, run, (state) =>
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
            ...(providerStatus !== undefined && { providerStatus }),
            ...(retryInMs !== undefined && { retryInMs }),
          },
          state,
        ),
      );
      return recorded && retryInMs !== undefined ? { kind: 'retry', inMs: retryInMs } : over;
    }
  }

  async function append(
    { ledger, clock, log }: WorkerPorts,
    { correlationId, worker }: RunAttempt,
    decide: (state: SessionState) => SessionDecision,
  ): Promise<boolean> {
    const context = { actor: `system:${worker}`, correlationId, causationId: callId };
    for (;;) {
      try {
        const options = { context, retryUnknownMs: Number.POSITIVE_INFINITY };
        const result = await ledger.sessions.transact(sessionStream(sessionId), decide, options);
        return result.outcome === 'recorded';
      } catch (thrown) {
        if (!isTurnledgerError(thrown) || !waitable.has(thrown.code)) throw thrown;
        log.warn(
          { turnId, attempt, code: thrown.code, cause: thrown },
          'what an attempt came to cannot be recorded yet',
        );
        await clock.sleep(limits.worker.endingRetryMs);
      }
    }
  }
}

/** Why nothing was recorded, where a later try may: the money is spent, so giving up would lose a paid reply and buy another. */
const waitable: ReadonlySet<string> = new Set<ErrorCode>(['store_unavailable', 'stream_contended']);

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
