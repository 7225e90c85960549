/** SQLSTATE of an error that PostgreSQL itself answered; undefined for a lost connection, a timeout or an error of ours. */
function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('severity' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** True when another writer has put an event at that revision first; nothing of the statement was written. */
export const isRevisionTaken = (error: unknown): boolean => sqlState(error) === '23505';

/**
 * True when PostgreSQL refused what was sent for what it says, so that it would refuse it again: 22 a value it cannot hold, 23 a rule of
 * the table, 54 a size beyond its own bounds. All else (down, full, read-only, no such table, cancelled) may pass.
 */
export const isContentRefused = (error: unknown): boolean =>
  ['22', '23', '54'].includes(sqlState(error)?.slice(0, 2) ?? '');

/** One line for a log or an outcome's cause: the SQLSTATE where there is one, and the first line of the message. */
export function failureText(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  const [line = ''] = message.split('\n');
  const code = typeof error === 'object' && error !== null && 'code' in error ? `${String(error.code)} ` : '';
  return `${code}${line}`;
}

/**
 * Why a connection will never stand with this URL, in one line, or undefined where it may yet: 28 who we are, 3D no such database, 42501 no
 * right to it, and a URL that is none. A name that is not found is no such reason: in a container network it comes with its service.
 */
export function refusalOfUrl(error: unknown): string | undefined {
  const state = sqlState(error) ?? '';
  const isForGood = ['28', '3D'].includes(state.slice(0, 2)) || state === '42501';
  const isNoUrl = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_INVALID_URL';
  if (isNoUrl) return 'it is no URL';
  if (isForGood) return failureText(error);
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  return cause === undefined ? undefined : refusalOfUrl(cause);
}
