/** One line of what ioredis threw or emitted. Never its arguments: they may hold a password. */
export const describeFailure = (error: unknown): string => {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  return message.split('\n')[0] ?? '';
};

/** Beginnings of answers that no waiting changes, and what to tell an operator. */
const refusals: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [/^WRONGPASS|invalid password|invalid username-password/i, 'the server refuses the user or the password'],
  [/^NOAUTH/i, 'the server wants a password'],
  [/^NOPERM/i, 'the user may not do what is needed'],
  [/DB index is out of range/i, 'the server has no such database'],
  [/^(Protocol error|Unknown RESP type)/i, 'what answers there is no Redis'],
];

/** Why a server will never let us in as we are configured; undefined for what may pass (down, starting, silent, full). */
export function refusalOf(error: unknown): string | undefined {
  const message = describeFailure(error);
  return refusals.find(([pattern]) => pattern.test(message))?.[1];
}
