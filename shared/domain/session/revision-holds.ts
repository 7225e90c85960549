import { type Expected, holds } from '../expected.ts';
import type { SessionState } from './state.ts';

/**
 * Whether a guard on a session's revision holds. A summary is nobody's doing: it comes by itself after a reply, and who guards a request by
 * the revision of that reply has missed nothing. So the revisions of summaries right behind the one that was seen count as that one.
 */
export const revisionHolds = (expected: Expected | undefined, { revision, summaries }: SessionState): boolean =>
  holds(expected, revision) ||
  (typeof expected === 'number' &&
    summaries !== undefined &&
    summaries.unnoticed.through === revision &&
    expected >= summaries.unnoticed.from &&
    expected <= revision);
