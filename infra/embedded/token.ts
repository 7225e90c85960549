import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { isTurnledgerError } from '@turnledger/shared/contracts';
import { signToken } from '@turnledger/shared/runtime';
import { readTokenFlags, TOKEN_USAGE } from './token-flags.ts';

try {
  const flags = readTokenFlags(process.argv.slice(2), process.env);
  const line = flags === 'help' ? TOKEN_USAGE : await signToken(flags.caller, { ...flags, clock });
  process.stdout.write(`${line}\n`);
} catch (error) {
  process.stderr.write(`token: ${isTurnledgerError(error) ? error.extras.detail : String(error)}\n`);
  process.exitCode = 2;
}
