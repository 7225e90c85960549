import { parseBookmarkToken, TurnledgerError } from '@turnledger/shared/contracts';

/** The turn that a bookmark of a session marks; `member`: where it stands in the request. Throws `request_invalid` for what is no bookmark of that session. */
export function bookmarkedTurn(token: string, sessionId: string, member: string): string {
  const bookmark = parseBookmarkToken(token);
  if (bookmark?.sessionId === sessionId) return bookmark.turnId;
  const message = bookmark ? 'is a bookmark of another session' : 'is no bookmark';
  throw new TurnledgerError('request_invalid', { fields: [{ pointer: `/${member}`, message }] });
}
