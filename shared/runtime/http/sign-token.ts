import { SignJWT } from 'jose';
import type { Clock } from '../../ports/index.ts';
import type { Caller } from './caller.ts';

const MS_PER_SECOND = 1_000;

/**
 * A token that `openTokenCallers` takes under the same secret. For trying out and for tests: in a game its own back end signs tokens, with
 * any JWT library. Whole seconds, as JWTs count them.
 */
export const signToken = (
  { subject, role, gameId }: Caller,
  { secret, clock, lifetimeMs }: { readonly secret: Uint8Array; readonly clock: Clock; readonly lifetimeMs: number },
): Promise<string> =>
  new SignJWT({ role, ...(gameId !== undefined && { game_id: gameId }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(subject)
    .setIssuedAt(Math.floor(clock.nowMs() / MS_PER_SECOND))
    .setExpirationTime(Math.floor((clock.nowMs() + lifetimeMs) / MS_PER_SECOND))
    .sign(secret);
