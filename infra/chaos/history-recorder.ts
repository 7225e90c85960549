import type { HistoryEntry, HistoryValue, OperationName } from '@turnledger/shared/testing/history-checker';

/** How an operation came out, as a client can tell. */
export interface Outcome {
  readonly type: 'ok' | 'fail' | 'unknown';
  readonly value: HistoryValue;
}

/** Writes the lines of one history, by one clock. */
export interface HistoryRecorder {
  readonly history: readonly HistoryEntry[];
  /** Runs one operation of a client between its two lines. */
  operation(
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
    async operation(process, op, key, asked, run) {
      history.push({ process, op, key, type: 'invoke', value: asked, t: now() });
      const outcome = await run();
      history.push({ process, op, key, ...outcome, t: now() });
      return outcome;
    },
  };
}
