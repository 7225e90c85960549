/** The `type` by which the client names an error of its own; its classes differ between realms (jest), the name does not. */
const typeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;

/** True when the store refused the credentials, or what they may do: it would again. */
export const isAccessDenied = (error: unknown): boolean => typeOf(error) === 'access-denied';

/** True when a read met a stream that does not exist. */
export const isStreamMissing = (error: unknown): boolean => typeOf(error) === 'stream-not-found';

/** True when an append is over the server's own bound, which an operator may have set below ours. */
export const isTooLarge = (error: unknown): boolean => typeOf(error) === 'maximum-append-size-exceeded';

/** Where the stream stands, of an append that was refused for it: a revision or `no_stream`; undefined for any other error. */
export function conflictingRevision(error: unknown): number | 'no_stream' | undefined {
  if (typeOf(error) !== 'wrong-expected-version') return undefined;
  const actual =
    typeof error === 'object' && error !== null && 'actualVersion' in error ? error.actualVersion : undefined;
  if (typeof actual === 'bigint') return Number(actual);
  return actual === 'no_stream' ? actual : undefined;
}

/** One line for a log or an outcome's cause: the first of the message, after the client's name for the error where it has one. */
export function failureText(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  const [line = ''] = message.split('\n');
  const type = typeOf(error);
  return type === undefined ? line : `${String(type)}: ${line}`;
}
