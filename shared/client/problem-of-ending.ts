import type { ErrorCode } from '../contracts/index.ts';
import type { CompletedTurn, Turn } from './documents.ts';
import { isCompleted } from './read-documents.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';

interface BadEnding {
  readonly code: ErrorCode;
  readonly status: number;
  readonly title: string;
}

/** What a waiting request would have been answered with. */
const badEndings: { readonly [status: string]: BadEnding } = {
  failed: { code: 'turn_failed', status: 502, title: 'The turn ended without a usable answer' },
  timed_out: { code: 'turn_timed_out', status: 504, title: 'The turn did not end within its deadline' },
  cancelled: { code: 'turn_cancelled', status: 409, title: 'The turn was cancelled' },
};

/** A turn that has ended, if it ended well. Throws `turn_failed`, `turn_timed_out`, `turn_cancelled`, `answer_unreadable`. */
export function requireCompleted(turn: Turn, idempotencyKey: string | undefined): CompletedTurn {
  if (isCompleted(turn)) return turn;
  const { code, ...bad } = badEndings[turn.status] ?? { code: 'answer_unreadable' as const };
  const reason = turn.error?.code;
  throw new TurnledgerProblem(code, {
    ...bad,
    idempotencyKey,
    turn,
    reason,
    detail: reason,
    turnId: turn.id,
    sessionId: turn.sessionId,
    fallback: turn.fallback ?? undefined,
  });
}
