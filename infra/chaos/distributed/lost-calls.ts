import { type Evidence, turnIdOfKey } from '@turnledger/shared/testing/history-checker';

/** A call that reached the model for an attempt that died with its process: paid for nothing. */
export interface LostCall {
  readonly turnId: string;
  readonly attempt: number;
  readonly atMs: number;
}

interface Attempt {
  readonly attempt: number;
  readonly fromMs: number;
  readonly callIds: readonly string[];
  isLost: boolean;
}

/** Wall clock against wall clock of one machine, as two processes read it. */
const CLOCK_TOLERANCE_MS = 50;

/**
 * Calls of attempts that were given up as lost, or that nothing was ever heard of again: those that a death took. Pure; the words of a call
 * tell its turn, since no two turns of a run say the same.
 */
export function lostCalls({ history, log, calls }: Pick<Evidence, 'history' | 'log' | 'calls'>): readonly LostCall[] {
  const turnOfWords = new Map(
    history.flatMap(({ op, key, value: { prompt, sessionId } }) =>
      op === 'turn' && prompt !== undefined && sessionId !== undefined
        ? [[prompt, turnIdOfKey(sessionId, key)] as const]
        : [],
    ),
  );
  const attempts = new Map<string, Attempt[]>();
  const accounted = new Set<string>();
  for (const { opened, metadata } of log) {
    if (opened?.type === 'TurnStarted') {
      const { turnId, attempt, calls: planned } = opened.data;
      const fromMs = Date.parse(metadata.recordedAt ?? '');
      const callIds = planned.map(({ callId }) => callId);
      attempts.set(turnId, [...(attempts.get(turnId) ?? []), { attempt, fromMs, callIds, isLost: false }]);
    } else if (opened?.type === 'TurnAttemptFailed' && opened.data.code === 'worker_lost') {
      const { turnId, attempt: lost } = opened.data;
      for (const one of attempts.get(turnId) ?? []) if (one.attempt === lost) one.isLost = true;
    } else if (opened && 'callId' in opened.data && typeof opened.data.callId === 'string') {
      accounted.add(opened.data.callId);
    }
  }
  return calls.flatMap(({ atMs, messages }): readonly LostCall[] => {
    const turnId = turnOfWords.get(messages.at(-1)?.content ?? '') ?? '';
    const made = attempts.get(turnId)?.findLast(({ fromMs }) => fromMs <= atMs + CLOCK_TOLERANCE_MS);
    if (!made || (!made.isLost && made.callIds.some((callId) => accounted.has(callId)))) return [];
    return [{ turnId, attempt: made.attempt, atMs }];
  });
}
