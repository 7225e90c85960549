import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { Expected } from '../expected.ts';
import { endedPlace, newestEnded, type TurnPlace } from './ended-place.ts';
import type { SessionEvent } from './events.ts';
import { revisionHolds } from './revision-holds.ts';
import type { SessionState } from './state.ts';

export interface BookmarkSession {
  /** Derived from the request's key. */
  readonly bookmarkId: string;
  /** Absent: the newest turn of effective history that has ended. */
  readonly turnId?: string;
  /** Its place where the session was forked with that turn. */
  readonly inherited?: TurnPlace;
  readonly label?: string;
  readonly bodyHmac: string;
  readonly maxBookmarks: number;
  /** The session's revision that the caller has seen; absent: no guard. */
  readonly expectedRevision?: Expected;
}

export type BookmarkSessionRefusal =
  | 'idempotency_key_reused'
  | 'session_bookmark_limit'
  | 'session_not_found'
  | 'session_revision_mismatch'
  | 'turn_not_found'
  | 'turn_open'
  | 'turn_rewound';

/** Marks a turn as a place to come back to; of an ended session too. The same turn may be marked again. */
export function bookmarkSession(
  { turnId, inherited, maxBookmarks, expectedRevision, ...bookmark }: BookmarkSession,
  state: SessionState,
): Decision<SessionEvent<'plain'>, BookmarkSessionRefusal> {
  if (state.status === 'none') return refused('session_not_found');
  const known = state.bookmarks.find(({ bookmarkId }) => bookmarkId === bookmark.bookmarkId);
  if (known) return known.bodyHmac === bookmark.bodyHmac ? unchanged : refused('idempotency_key_reused');
  if (!revisionHolds(expectedRevision, state)) return refused('session_revision_mismatch');
  const place = turnId === undefined ? newestEnded(state) : endedPlace(state, turnId, inherited);
  if (!place) return refused('turn_not_found');
  if (typeof place === 'string') return refused(place, place === 'turn_not_found' ? undefined : turnId);
  if (state.bookmarks.length >= maxBookmarks) return refused('session_bookmark_limit');
  return accepted({ type: 'SessionBookmarked', data: { ...bookmark, turnId: place.turnId } });
}
