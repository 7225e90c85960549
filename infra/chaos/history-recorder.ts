import type { HistoryEntry, HistoryValue, OperationName } from '@turnledger/shared/testing/history-checker';
import { type Outcome, outcomeOf } from './client-outcomes.ts';

/** Writes the lines of one history, by one clock. */
export interface HistoryRecorder {
  readonly history: readonly HistoryEntry[];
  /** Runs one try of a client between its two lines; what it rejects with is how it came out. Throws what outcomeOf throws. */
  attempt(
    client: string,
    op: OperationName,
    key: string,
    asked: HistoryValue,
    run: () => Promise<Outcome>,
  ): Promise<Outcome>;
}

export function historyRecorder(): HistoryRecorder {
  const history: HistoryEntry[] = [];
  // Wall time that never goes back: the log's times are compared with it.
  const now = () => performance.timeOrigin + performance.now();
  return {
    history,
    async attempt(process, op, key, asked, run) {
      history.push({ process, op, key, type: 'invoke', value: asked, t: now() });
      const outcome = await run().catch(outcomeOf);
      history.push({ process, op, key, ...outcome, t: now() });
      return outcome;
    },
  };
}
