import { TurnledgerProblem } from '@turnledger/shared/client';
import { isTurnledgerError, TurnledgerError } from '@turnledger/shared/contracts';
import { CommanderError } from 'commander';
import { visible } from '../terminal/visible.ts';

/** How the command ends, for scripts; 69 is EX_UNAVAILABLE of sysexits.h, 130 what a shell makes of an end by SIGINT. */
export const exitCodes = { fine: 0, refused: 1, wrongUse: 2, nobodyAnswers: 69, interrupted: 130 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A mistake of whoever typed the command; `detail` is shown to them and must hold no secret. */
export const wrongUse = (detail: string): TurnledgerError => new TurnledgerError('config_invalid', { detail });

const unreachable: ReadonlySet<string> = new Set(['network_failed', 'stream_lost']);

/** Whether that says no more than that nobody is at the address. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof TurnledgerProblem && unreachable.has(error.code);

/** The code that an error ends the command with. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.wrongUse;
  if (isTurnledgerError(error)) return error.code === 'config_invalid' ? exitCodes.wrongUse : exitCodes.refused;
  return isUnreachable(error) ? exitCodes.nobodyAnswers : exitCodes.refused;
}

/** Why a connection did not come about: the system's word, as ECONNREFUSED, or the innermost message; it is some causes deep. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z_]+$/.test(error.code)) return error.code;
  return reasonOf(error.cause) ?? error.message;
}

/** An error in one line that is safe to print: the code and what is special about it. */
export function lineOf(error: unknown, url: string): string {
  if (isTurnledgerError(error)) return visible(error.extras.detail ?? error.message);
  if (!(error instanceof TurnledgerProblem)) return visible(error instanceof Error ? error.message : String(error));
  const reason = reasonOf(error.cause) ?? error.detail ?? error.code;
  if (isUnreachable(error))
    return visible(`nobody answers at ${url} (${reason}); npm start runs one, --url names another`);
  const fields = error.errors
    .filter(({ message }) => !error.message.includes(message))
    .map(({ pointer, message }) => `${pointer} ${message}`);
  return visible([`${error.code}: ${error.message}`, ...fields].join('; '));
}
