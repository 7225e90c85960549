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

/** A turn that could not even be asked for, as when the key of its texts is destroyed. */
export const compareUnasked = (place: ComparedPlace, recorded: RecordedTurn, code: string): RerunComparison => ({
  ...place,
  outcome: 'failed',
  code,
  isSameText: recorded.figures.status !== 'completed',
  move: recorded.figures.move === 'none' ? 'none' : 'removed',
  recorded: recorded.figures,
  repeated: { status: 'failed', move: 'none', attempts: 0 },
});
