import type { ErrorCode } from '@turnledger/shared/contracts';

/** Whether a later try of the same may succeed: a store did not answer, or others were writing. */
export const isTransient = (code: ErrorCode): boolean =>
  code === 'store_unavailable' || code === 'stream_contended' || code === 'outcome_unknown';
