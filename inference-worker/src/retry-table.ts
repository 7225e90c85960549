import type { MOVE_INVALID } from '@turnledger/shared/domain';
import type { ModelFailureCode } from '@turnledger/shared/ports';

/** Why an attempt brought no usable answer: what the model's side did, or what we make of an answer that was whole. */
export type AttemptFailureCode = ModelFailureCode | typeof MOVE_INVALID;

interface Treatment {
  readonly retry: boolean;
  /** Pause before the next attempt, milliseconds; doubled with each attempt, a provider's Retry-After goes before it. */
  readonly waitMs: number;
  /** Whether another endpoint may be asked instead, at once: not where the refusal is a judgement of the text, which we do not shop around. */
  readonly elsewhere: boolean;
}

/** Which failures are worth another attempt: those that the same request can survive later. A retry is a row here, not a branch. */
export const modelFailures: { readonly [code in AttemptFailureCode]: Treatment } = {
  model_unreachable: { retry: true, waitMs: 200, elsewhere: true },
  model_timeout: { retry: true, waitMs: 100, elsewhere: true },
  model_rate_limited: { retry: true, waitMs: 500, elsewhere: true },
  model_overloaded: { retry: true, waitMs: 500, elsewhere: true },
  model_server_error: { retry: true, waitMs: 200, elsewhere: true },
  model_stream_cut: { retry: true, waitMs: 100, elsewhere: true },
  model_empty: { retry: true, waitMs: 100, elsewhere: true },
  model_not_json: { retry: true, waitMs: 200, elsewhere: true },
  /** The next attempt is another request: it shows what was wrong. One is bought, which is the recorder's to hold to. */
  model_move_invalid: { retry: true, waitMs: 0, elsewhere: true },
  model_unauthorized: { retry: false, waitMs: 0, elsewhere: true },
  model_not_found: { retry: false, waitMs: 0, elsewhere: true },
  model_request_refused: { retry: false, waitMs: 0, elsewhere: true },
  model_redirected: { retry: false, waitMs: 0, elsewhere: true },
  model_body_too_large: { retry: false, waitMs: 0, elsewhere: true },
  model_content_filtered: { retry: false, waitMs: 0, elsewhere: false },
  model_unexpected_tool_call: { retry: false, waitMs: 0, elsewhere: true },
  model_finish_reason_unknown: { retry: false, waitMs: 0, elsewhere: true },
};

/** Time that a further attempt needs to be worth its price, milliseconds. */
const MIN_ATTEMPT_MS = 250;

/**
 * How long to wait before trying again, or undefined when the failure is final: no such row, no attempt left, or no time left.
 * `jitter` is in [0, 1): the wait is between half of it and all of it, so that workers do not come back in step.
 */
export function retryDelayMs(failure: {
  readonly code: AttemptFailureCode;
  readonly retryAfterMs?: number | undefined;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly remainingMs: number;
  readonly jitter: number;
  /** The next attempt goes to an endpoint that was not asked yet: neither this one's pause nor its verdict holds there. */
  readonly isNextUntried?: boolean;
}): number | undefined {
  const { retry, waitMs, elsewhere } = modelFailures[failure.code];
  if (failure.attempt >= failure.maxAttempts) return undefined;
  if (failure.isNextUntried && elsewhere) return MIN_ATTEMPT_MS <= failure.remainingMs ? 0 : undefined;
  if (!retry) return undefined;
  const backoffMs = waitMs * 2 ** (failure.attempt - 1) * (0.5 + failure.jitter / 2);
  const delayMs = Math.round(failure.retryAfterMs ?? backoffMs);
  return delayMs + MIN_ATTEMPT_MS <= failure.remainingMs ? delayMs : undefined;
}
