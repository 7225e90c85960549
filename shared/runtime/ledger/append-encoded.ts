import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { AppendOutcome, Clock, EncodedEvent, EventLog, ExpectedRevision } from '../../ports/index.ts';

export type CertainOutcome =
  | { readonly outcome: 'ok'; readonly revision: number; readonly afterUnknown: boolean }
  | { readonly outcome: 'conflict'; readonly actualRevision: ExpectedRevision };

/**
 * Appends, and retries with the same bytes as long as the log does not say what became of it (rule 7).
 *
 * Throws `outcome_unknown` once `retryUnknownMs` have passed (Infinity: never), `invariant_broken` for an append that the log rejects,
 * since what was decided should have been within bounds.
 */
export async function appendEncoded(
  { log, clock }: { log: EventLog; clock: Clock },
  stream: string,
  expected: ExpectedRevision,
  events: readonly EncodedEvent[],
  retryUnknownMs: number,
): Promise<CertainOutcome> {
  const startedMs = clock.monotonicMs();
  let afterUnknown = false;
  for (
    let pauseMs: number = limits.aggregate.unknownBackoffMs;
    ;
    pauseMs = Math.min(pauseMs * 2, limits.worker.endingRetryMs)
  ) {
    const append = log.append(stream, expected, events);
    // The first is bounded by the log itself. A retry begun at 4.95 s would be too, and its caller would wait for 9.9 s.
    const leftMs = startedMs + retryUnknownMs - clock.monotonicMs();
    const result =
      afterUnknown && leftMs < Number.POSITIVE_INFINITY ? await within(append, leftMs, clock) : await append;
    if (result.outcome === 'ok') return { ...result, afterUnknown };
    if (result.outcome === 'conflict') return result;
    if (result.outcome === 'rejected')
      throw new TurnledgerError('invariant_broken', { detail: `append ${result.reason}` });
    if (clock.monotonicMs() - startedMs + pauseMs > retryUnknownMs) {
      throw new TurnledgerError('outcome_unknown', { cause: result.cause });
    }
    afterUnknown = true;
    await clock.sleep(pauseMs);
  }
}

/** The outcome of an append if it comes in time; what comes later is nobody's, and the same ids find it. */
async function within(append: Promise<AppendOutcome>, leftMs: number, clock: Clock): Promise<AppendOutcome> {
  const answered = new AbortController();
  const tooLate = clock
    .sleep(leftMs, answered.signal)
    .then((): AppendOutcome => ({ outcome: 'unknown', cause: 'a retry was not answered in time' }));
  try {
    return await Promise.race([append, tooLate]);
  } finally {
    answered.abort();
  }
}
