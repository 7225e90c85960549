import type { Ids } from '@turnledger/shared/ports';
import { principalOf, type Role, type RouteRequest } from '@turnledger/shared/runtime';
import { type IdempotencyKey, readIdempotencyKey } from './idempotency.ts';

/** Who asks for something new, and under which key. */
export interface Requester {
  readonly principal: string;
  readonly role: Role;
  readonly key: IdempotencyKey;
  readonly traceId: string;
}

/** The requester that a request names. Throws `request_invalid` for a key that cannot be one. */
export const requesterOf = (
  { caller, header, traceId }: Pick<RouteRequest<unknown, unknown>, 'caller' | 'header' | 'traceId'>,
  ids: Ids,
): Requester => ({
  principal: principalOf(caller),
  role: caller.role,
  key: readIdempotencyKey(header('idempotency-key'), ids),
  traceId,
});
