import { isTurnledgerError, TurnledgerError } from '@turnledger/shared/contracts';
import type { IdempotencyKey } from './idempotency.ts';

/**
 * An `outcome_unknown` with what its client needs to ask again, and any other error as it is. Only a client that has the key may retry: without
 * one of its own it would create a second turn or session.
 */
export function withRetryAdvice(
  thrown: unknown,
  key: IdempotencyKey,
  created: { readonly [id: string]: string },
): unknown {
  if (!isTurnledgerError(thrown) || thrown.code !== 'outcome_unknown') return thrown;
  return new TurnledgerError('outcome_unknown', {
    members: { ...created, idempotency_key: key.value },
    headers: { 'x-should-retry': String(key.isFromClient) },
    cause: thrown.cause,
  });
}
