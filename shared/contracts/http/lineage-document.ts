import { bookmarkToken } from './bookmark-token.ts';

/** A turn's place among all that a session ever was. */
export interface LineageTurn {
  /** Where it is recorded: in another session where this one was forked with it. */
  readonly sessionId: string;
  readonly turnId: string;
  readonly position: number;
  readonly status: string;
  readonly previousTurnId?: string;
  readonly isKept: boolean;
}

/** A rewind, as it was recorded. */
export interface LineageRewind {
  readonly rewindId: string;
  /** The newest turn that it cut; absent where it only undid the session's ending. */
  readonly fromTurnId?: string;
  readonly toTurnId?: string;
  readonly by: string;
  readonly reason?: string | null;
  readonly recordedAt: string;
}

export interface LineageBookmark {
  readonly bookmarkId: string;
  readonly turnId: string;
  readonly label?: string | null;
  readonly recordedAt: string;
}

/** A session that goes on from a turn of this one, or from one that does. */
export interface LineageFork {
  readonly sessionId: string;
  readonly forkedFrom: { readonly sessionId: string; readonly turnId: string; readonly position: number };
  readonly startedAt: string;
}

export interface SessionLineage {
  readonly sessionId: string;
  readonly forkedFrom: LineageFork['forkedFrom'] | undefined;
  /** Each after the one that it goes on from. */
  readonly forks: readonly LineageFork[];
  readonly turns: readonly LineageTurn[];
  readonly rewinds: readonly LineageRewind[];
  readonly bookmarks: readonly LineageBookmark[];
}

/** The tree of a session: every turn with the one that it followed; those of effective history are not `rewound`. */
export const lineageDocument = ({ sessionId, forkedFrom, forks, turns, rewinds, bookmarks }: SessionLineage) => ({
  session_id: sessionId,
  forked_from: forkedFrom ? forkPoint(forkedFrom) : null,
  forks: forks.map((fork) => ({
    session_id: fork.sessionId,
    forked_from: forkPoint(fork.forkedFrom),
    forked_at: fork.startedAt,
  })),
  turns: turns.map(({ turnId, sessionId: recordedIn, position, status, previousTurnId, isKept }) => ({
    id: turnId,
    session_id: recordedIn,
    position,
    status,
    after_turn_id: previousTurnId ?? null,
    rewound: !isKept,
  })),
  rewinds: rewinds.map(({ rewindId, fromTurnId, toTurnId, by, reason, recordedAt }) => ({
    id: rewindId,
    from_turn_id: fromTurnId ?? null,
    to_turn_id: toTurnId ?? null,
    by: by.startsWith('player:') ? 'player' : by,
    reason: reason ?? null,
    rewound_at: recordedAt,
  })),
  bookmarks: bookmarks.map(({ bookmarkId, turnId, label, recordedAt }) => ({
    id: bookmarkId,
    turn_id: turnId,
    label: label ?? null,
    bookmark: bookmarkToken({ sessionId, turnId }),
    bookmarked_at: recordedAt,
  })),
});

const forkPoint = ({ sessionId, turnId, position }: LineageFork['forkedFrom']) => ({
  session_id: sessionId,
  turn_id: turnId,
  position,
});

export type LineageDocument = ReturnType<typeof lineageDocument>;
