import { type ErrorCode, isTurnledgerError, limits, sessionStream } from '@turnledger/shared/contracts';
import {
  accepted,
  completeTurn,
  type Cost,
  type Decision,
  evolveSession,
  failAttempt,
  fallbackLine,
  type SessionEvent,
  type SessionState,
  settleOnly,
  timeOutTurn,
  type Usage,
} from '@turnledger/shared/domain';
import type { Model, ModelUsage } from '@turnledger/shared/ports';
import { countTokens } from '@turnledger/shared/runtime';
import { retryDelayMs } from './model-failures.ts';
import type { PlannedAttempt } from './plan-attempt.ts';
import type { WorkerPorts } from './ports.ts';
import type { Completion } from './read-completion.ts';

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
export async function recordOutcome(ports: WorkerPorts, run: RunAttempt, completion: Completion): Promise<AfterAttempt> {
  const { sessionId, turnId, attempt, plan, remainingMs } = run;
  const { callId } = plan.call;
  const usage = await usageOf(plan, completion);
  const cost = costOf(plan.model);
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
      const command = { turnId, attempt, callId, usage, cost, provider, reply: text, finishReason: ending.finishReason };
      await append(ports, run, (state) => completeTurn({ ...command, ttftMs: round(ttftMs), durationMs: round(durationMs) }, state));
      return over;
    }
    case 'timed_out': {
      const command = { turnId, attempt, phase: completion.phase, elapsedMs: round(completion.elapsedMs), ...partial, ...spoken };
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
      const retryInMs = retryDelayMs({ code, retryAfterMs, attempt, maxAttempts, remainingMs, jitter });
      const recorded = await append(ports, run, (state) =>
        failAttempt(
          {
            turnId, attempt, callId, code, cost, usage, ...partial, ...spoken,
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
        log.warn({ turnId, attempt, code: thrown.code, cause: thrown }, 'what an attempt came to cannot be recorded yet');
        await clock.sleep(limits.worker.endingRetryMs);
      }
    }
  }
}

/** Why nothing was recorded, where a later try may: the money is spent, so giving up would lose a paid reply and buy another. */
const waitable: ReadonlySet<string> = new Set<ErrorCode>(['store_unavailable', 'stream_contended']);

/** The ending and the money in one append; when the ending is refused because the turn has ended, the money alone. */
function both(ending: SessionDecision, settle: (state: SessionState) => SessionDecision, state: SessionState): SessionDecision {
  if (ending.outcome !== 'accepted') return settle(state);
  const settled = settle(ending.events.reduce(evolveSession, state));
  const [first, ...rest] = ending.events;
  return settled.outcome === 'accepted' ? accepted(first, ...rest, ...settled.events) : ending;
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

/** What the provider reported, or else an estimate: the prompt as it was budgeted, and the text counted here. */
async function usageOf(plan: PlannedAttempt, completion: Completion): Promise<Usage> {
  const reported: ModelUsage | undefined =
    completion.kind === 'completed' ? completion.ending.usage : completion.kind === 'failed' ? completion.usage : undefined;
  if (reported) return { ...reported, source: 'reported' };
  const text = completion.kind === 'completed' ? completion.text : completion.partial;
  const output = text === '' ? 0 : await countTokens(text.slice(0, limits.worker.maxReplyBytes));
  // A refused connection bought nothing; anything else may have been charged for its prompt.
  const isFree = completion.kind === 'failed' && completion.code === 'model_unreachable';
  return { input: isFree ? 0 : plan.prompt.estimatedTokens, cached: 0, output, reasoning: 0, source: 'estimated' };
}

/** Turnledger ships no prices: a call's cost is known only where it is nothing. */
const costOf = (model: Model): Cost => (model.isScripted ? { costMicroUsd: 0, priceTable: 'scripted' } : { priceTable: 'none' });
