import { bookmarkToken } from './bookmark-token.ts';
import { positionToken } from './position-token.ts';

/** A bookmark with what its document needs. */
export interface RecordedBookmark {
  readonly bookmarkId: string;
  readonly sessionId: string;
  readonly turnId: string;
  /** Place of its turn. */
  readonly position: number;
  readonly label?: string | null;
  /** Where the session stands. */
  readonly stream: string;
  readonly revision: number;
}

/** A bookmark as its command answers it. */
export const bookmarkDocument = ({ bookmarkId, sessionId, turnId, position, label, ...at }: RecordedBookmark) => ({
  id: bookmarkId,
  session_id: sessionId,
  turn_id: turnId,
  position,
  label: label ?? null,
  bookmark: bookmarkToken({ sessionId, turnId }),
  log_position: positionToken(at),
});

export type BookmarkDocument = ReturnType<typeof bookmarkDocument>;
