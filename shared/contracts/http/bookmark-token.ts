const ID_BYTES = 16;

/** What a bookmark says: a turn, and the session that it is a turn of. */
export interface BookmarkedTurn {
  readonly sessionId: string;
  readonly turnId: string;
}

const bytesOf = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');
const idOf = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** A bookmark as a game keeps it in its own save file: 43 characters, both ids. It is no secret and gives nobody a right. */
export const bookmarkToken = ({ sessionId, turnId }: BookmarkedTurn): string =>
  Buffer.concat([bytesOf(sessionId), bytesOf(turnId)]).toString('base64url');

/** What a token says, or undefined for what is no bookmark. */
export function parseBookmarkToken(token: string): BookmarkedTurn | undefined {
  const bytes = /^[A-Za-z0-9_-]{43}$/.test(token) ? Buffer.from(token, 'base64url') : undefined;
  if (bytes?.length !== 2 * ID_BYTES) return undefined;
  return { sessionId: idOf(bytes.subarray(0, ID_BYTES)), turnId: idOf(bytes.subarray(ID_BYTES)) };
}
