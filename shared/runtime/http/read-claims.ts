import { z } from 'zod';
import { outsideIdField } from '../../contracts/index.ts';
import { type Caller, type Role, roles } from './caller.ts';

/** What a token for somebody else's service would name; ours names this, or nobody. */
export const audience = 'turnledger';

const role = z.enum(roles);

/**
 * The claims we read; what else a token carries is its issuer's business. The role is `role`, or `roles` with exactly one in it: a list of
 * several would need an order among them that nobody wrote down.
 */
const claims = z
  .object({
    sub: outsideIdField,
    exp: z.number(),
    role: role.optional(),
    roles: z.tuple([role]).optional(),
    game_id: outsideIdField.optional(),
    aud: z.union([z.string(), z.array(z.string())]).optional(),
  })
  .refine((claimed) => (claimed.role === undefined) !== (claimed.roles === undefined))
  // RFC 7519, 4.1.3: a token that names its audience is refused by everybody else, also where the secret is shared.
  .refine(({ aud }) => aud === undefined || [aud].flat().includes(audience));

/** A verified token: whom it stands for, and until when. */
export interface TokenHolder {
  readonly caller: Caller;
  /** Seconds since the epoch, as the token has it. */
  readonly expiresAtSeconds: number;
}

/** The holder that verified claims name; undefined for claims that are not ours. */
export function readClaims(payload: unknown): TokenHolder | undefined {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) return undefined;
  const { sub: subject, exp, role: single, roles: list, game_id: gameId } = parsed.data;
  const claimed: Role | undefined = single ?? list?.[0];
  if (claimed === undefined) return undefined;
  return {
    caller: { subject, role: claimed, ...(gameId !== undefined && { gameId }) },
    expiresAtSeconds: exp,
  };
}
