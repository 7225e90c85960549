/**
 * One message of a turn's feed. Ids rise: `started` attempt * 10^6, `delta` the previous id + 1, `ended` 10^9. `payload` of a delta is
 * an envelope's JSON (the text is encrypted); of `started` the model's name, of `ended` empty.
 */
export interface FeedMessage {
  readonly id: number;
  readonly kind: 'started' | 'delta' | 'ended';
  readonly payload: string;
}

/**
 * Live deltas of open turns, kept for a short while. A hint, never the truth: losing it costs the live text, not the reply.
 *
 * A session has a feed under its own id too, in which `started` messages without a payload say that its log has grown: id = revision + 1. It
 * never ends. The rules are the same, so an adapter need not know.
 */
export interface TurnFeed {
  /** Adds a message; one whose id is not above the newest is dropped, which fences a worker that lost its claim. Never throws. */
  publish(turnId: string, message: FeedMessage): Promise<void>;
  /**
   * The messages after an id, kept ones first, then live ones; ends after `ended` or when the signal aborts. A reader of an unknown turn
   * waits. What is no longer kept is skipped: the reader sees the gap in the ids. With `follow: false` it ends after the kept messages.
   */
  read(
    turnId: string,
    options: { readonly after: number; readonly signal: AbortSignal; readonly follow?: boolean },
  ): AsyncIterable<FeedMessage>;
}
