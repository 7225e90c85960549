import type { ModelFailureCode } from '@turnledger/shared/ports';

interface Treatment {
  readonly retry: boolean;
  /** Pause before the next attempt, milliseconds; doubled with each attempt, a provider's Retry-After goes before it. */
  readonly waitMs: number;
}

/** Which failures are worth another attempt: those that the same request can survive later. A retry is a row here, not a branch. */
export const modelFailures: { readonly [code in ModelFailureCode]: Treatment } = {
  model_unreachable: { retry: true, waitMs: 200 },
  model_timeout: { retry: true, waitMs: 100 },
  model_rate_limited: { retry: true, waitMs: 500 },
  model_overloaded: { retry: true, waitMs: 500 },
  model_server_error: { retry: true, waitMs: 200 },
  model_stream_cut: { retry: true, waitMs: 100 },
  model_empty: { retry: true, waitMs: 100 },
  model_not_json: { retry: true, waitMs: 200 },
  model_unauthorized: { retry: false, waitMs: 0 },
  model_not_found: { retry: false, waitMs: 0 },
  model_request_refused: { retry: false, waitMs: 0 },
  model_redirected: { retry: false, waitMs: 0 },
  model_body_too_large: { retry: false, waitMs: 0 },
  model_content_filtered: { retry: false, waitMs: 0 },
  model_unexpected_tool_call: { retry: false, waitMs: 0 },
  model_finish_reason_unknown: { retry: false, waitMs: 0 },
};

/** Time that a further attempt needs to be worth its price, milliseconds. */
const MIN_ATTEMPT_MS = 250;

/**
 * How long to wait before trying again, or undefined when the failure is final: no such row, no attempt left, or no time left.
 * `jitter` is in [0, 1): the wait is between half of it and all of it, so that workers do not come back in step.
 */
export function retryDelayMs(failure: {
  readonly code: ModelFailureCode;
  readonly retryAfterMs?: number | undefined;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly remainingMs: number;
  readonly jitter: number;
}): number | undefined {
  const { retry, waitMs } = modelFailures[failure.code];
  if (!retry || failure.attempt >= failure.maxAttempts) return undefined;
  const backoffMs = waitMs * 2 ** (failure.attempt - 1) * (0.5 + failure.jitter / 2);
  const delayMs = Math.round(failure.retryAfterMs ?? backoffMs);
  return delayMs + MIN_ATTEMPT_MS <= failure.remainingMs ? delayMs : undefined;
}
