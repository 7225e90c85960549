import type { LoggedEvent, ProposedEvent } from './logged-event.ts';
import type { TwinLog } from './twin-log.ts';

/** Where a stream is expected to stand; a revision is that of its newest event. */
export type Expectation = bigint | 'any' | 'no_stream' | 'stream_exists';

/** What the server makes of an append. */
export type AppendDecision =
  | { readonly decision: 'write'; readonly bringsBack: boolean }
  /** Written before: answered with that run, whatever its body is today. */
  | { readonly decision: 'repetition'; readonly last: LoggedEvent }
  | { readonly decision: 'conflict' }
  | { readonly decision: 'deleted' };

/** Ids of this run of the server, by which alone an append that expects nothing is known to be a repetition. */
export type RememberedIds = ReadonlyMap<string, LoggedEvent>;

const CONFLICT: AppendDecision = { decision: 'conflict' };

/** The newest revision of a stream, -1 for none: truncation and deletion do not lower it. */
export const lastRevision = (log: TwinLog, stream: string): bigint => BigInt(log.stream(stream).events.length) - 1n;

const decideByMemory = (
  stream: string,
  events: readonly ProposedEvent[],
  remembered: RememberedIds,
  bringsBack: boolean,
): AppendDecision => {
  let last: LoggedEvent | undefined;
  for (const [at, { id }] of events.entries()) {
    const known = remembered.get(id);
    if (known?.stream !== stream) return at === 0 ? { decision: 'write', bringsBack } : CONFLICT;
    last = known;
  }
  return last === undefined ? { decision: 'write', bringsBack } : { decision: 'repetition', last };
};

/**
 * Decides as EventStoreDB 23.10 and 24.6 were seen to (IndexWriter.CheckCommit in the server's source).
 *
 * Ids are compared with what stands behind the expected revision, so a prefix or a run out of the middle is a repetition at its own
 * revision, a longer or reordered array a conflict; at the newest revision nothing is compared, so the same ids are written again.
 */
export const decideAppend = (
  log: TwinLog,
  stream: string,
  expected: Expectation,
  events: readonly ProposedEvent[],
  remembered: RememberedIds,
): AppendDecision => {
  const { events: standing, isTombstoned } = log.stream(stream);
  const { isSoftDeleted } = log.visibility(stream);
  if (isTombstoned) return { decision: 'deleted' };
  if (expected === 'stream_exists' && isSoftDeleted) return { decision: 'deleted' };
  if (expected === 'stream_exists' && standing.length === 0) return CONFLICT;
  if (expected === 'any' || expected === 'stream_exists')
    return decideByMemory(stream, events, remembered, isSoftDeleted);

  const expectedRevision = expected === 'no_stream' ? -1n : expected;
  const current = lastRevision(log, stream);
  if (expectedRevision > current) return CONFLICT;
  if (expectedRevision === current) return { decision: 'write', bringsBack: isSoftDeleted };
  const behind = Number(expectedRevision) + 1;
  const differs = events.findIndex(({ id }, at) => standing[behind + at]?.id !== id);
  if (differs === 0 && expected === 'no_stream' && isSoftDeleted) return { decision: 'write', bringsBack: true };
  const last = standing[behind + events.length - 1];
  return differs === -1 && events.length > 0 && last !== undefined ? { decision: 'repetition', last } : CONFLICT;
};
