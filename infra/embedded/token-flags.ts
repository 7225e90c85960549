import { parseArgs } from 'node:util';
import { limits, outsideIdField, TurnledgerError } from '@turnledger/shared/contracts';
import { type Caller, roles } from '@turnledger/shared/runtime';
import { z } from 'zod';

export const TOKEN_USAGE = `Prints a token for trying out, signed with TURNLEDGER_JWT_SECRET.

  --role player        player, game or operator
  --sub alice          whom it stands for; a player's id
  --game lisbon        binds it to one game
  --hours 1            how long it is good for, up to 8760`;

const MS_PER_HOUR = 3_600_000;
const MAX_HOURS = 8_760;

const schema = z.object({
  role: z.enum(roles, '--role must be player, game or operator'),
  sub: outsideIdField.optional(),
  game: outsideIdField.optional(),
  hours: z.coerce.number('--hours must be a number').min(0.01).max(MAX_HOURS).default(1),
});

/** What the token tool is asked for. */
export interface TokenFlags {
  readonly caller: Caller;
  readonly secret: Uint8Array;
  readonly lifetimeMs: number;
}

/** Reads the command line and the secret. Throws `config_invalid` with one line for what is wrong. */
export function readTokenFlags(
  args: readonly string[],
  env: { readonly [name: string]: string | undefined },
): TokenFlags | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const flags = schema.safeParse(values);
  if (!flags.success) throw mistake(flags.error.issues[0]?.message ?? '');
  const { role, sub = role, game, hours } = flags.data;
  if (role === 'player' && flags.data.sub === undefined) throw mistake('a player has an id: add --sub');
  const secret = Buffer.from(env.TURNLEDGER_JWT_SECRET ?? '', 'utf8');
  if (secret.length < limits.access.minSecretBytes)
    throw mistake(`TURNLEDGER_JWT_SECRET must be set, with at least ${limits.access.minSecretBytes} bytes`);
  return {
    caller: { subject: sub, role, ...(game !== undefined && { gameId: game }) },
    secret,
    lifetimeMs: hours * MS_PER_HOUR,
  };
}

const options = {
  role: { type: 'string' },
  sub: { type: 'string' },
  game: { type: 'string' },
  hours: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ options, args: [...args] }).values;
  } catch (error) {
    throw mistake(error instanceof Error ? error.message : String(error));
  }
}

const mistake = (detail: string) => new TurnledgerError('config_invalid', { detail });
