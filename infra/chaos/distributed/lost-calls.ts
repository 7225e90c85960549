import type { Evidence } from '@turnledger/shared/testing/history-checker';

/** A call that reached the model for an attempt that died with its process: paid for nothing. */
export interface LostCall {
  readonly turnId: string;
  readonly attempt: number;
  readonly atMs: number;
}

/** Calls of attempts that were given up as lost, or that nothing was ever heard of again: those that a death took. Pure. */
export function lostCalls({ log, calls }: Pick<Evidence, 'log' | 'calls'>): readonly LostCall[] {
  const attempts = new Map<string, Omit<LostCall, 'atMs'>>();
  const lost = new Set<string>();
  const accounted = new Set<string>();
  for (const { opened } of log) {
    if (opened?.type === 'TurnStarted') {
      const { turnId, attempt, calls: planned } = opened.data;
      for (const { callId } of planned) attempts.set(callId, { turnId, attempt });
    } else if (opened?.type === 'TurnAttemptFailed' && opened.data.code === 'worker_lost') {
      lost.add(nameOf(opened.data));
    } else if (opened && 'callId' in opened.data && typeof opened.data.callId === 'string') {
      accounted.add(opened.data.callId);
    }
  }
  return calls.flatMap(({ callId, atMs }): readonly LostCall[] => {
    const made = attempts.get(callId);
    if (!made || (!lost.has(nameOf(made)) && accounted.has(callId))) return [];
    return [{ ...made, atMs }];
  });
}

const nameOf = ({ turnId, attempt }: Omit<LostCall, 'atMs'>): string => `${turnId} ${attempt}`;
