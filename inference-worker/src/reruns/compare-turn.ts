import { compareMoves, type RerunComparison, textSimilarity } from '@turnledger/shared/domain';
import type { RecordedTurn } from './recorded-turn.ts';

/** Which turn, and where it was asked again. */
export interface ComparedPlace {
  readonly sessionId: string;
  readonly turnId: string;
  readonly position: number;
  readonly rerunSessionId: string;
  readonly rerunTurnId: string;
}

/** A recorded turn beside what it came to when it was asked again. */
export function compareTurn(place: ComparedPlace, recorded: RecordedTurn, repeated: RecordedTurn): RerunComparison {
  const [before, after] = [recorded.record.reply ?? undefined, repeated.record.reply ?? undefined];
  const move = compareMoves(recorded.record.move ?? undefined, repeated.record.move ?? undefined);
  const { status, errorCode } = repeated.record;
  const code = errorCode !== undefined && status !== 'completed' ? { code: errorCode } : {};
  // The game judged this very move in this very state already.
  const isJudged = move === 'same' && repeated.figures.move === 'unjudged';
  return {
    ...place,
    outcome: repeated.isReused ? 'reused' : status === 'completed' || status === 'timed_out' ? status : 'failed',
    ...code,
    isSameText: before === after,
    ...(before !== undefined && after !== undefined && { similarity: textSimilarity(before, after) }),
    move,
    recorded: recorded.figures,
    repeated: isJudged ? { ...repeated.figures, move: recorded.figures.move } : repeated.figures,
  };
}

/**
 * A turn whose answer cannot be had, as when the key of its texts is destroyed; `begun` is what it had come to by then, if it was asked for: the
 * money is spent all the same.
 */
export const compareUnanswered = (
  place: ComparedPlace,
  { record, figures }: RecordedTurn,
  code: string,
  begun: RecordedTurn | undefined,
): RerunComparison => ({
  ...place,
  outcome: 'failed',
  code,
  isSameText: figures.status !== 'completed',
  move: record.move === undefined ? 'none' : 'removed',
  recorded: figures,
  repeated: { attempts: 0, ...begun?.figures, status: 'failed', move: 'none' },
});
