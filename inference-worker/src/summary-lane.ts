import { limits } from '@turnledger/shared/contracts';
import { type LinkedAbort, linkedAbort } from '@turnledger/shared/runtime';
import { CallSlots } from './call-slots.ts';

export interface SummaryWork {
  /** Whether there is something to summarise; asked without a slot. */
  isDue(sessionId: string): Promise<boolean>;
  run(sessionId: string, correlationId: string, call: LinkedAbort): Promise<void>;
  /** Told of what a job threw. */
  onError(sessionId: string, cause: unknown): void;
}

/**
 * Where summaries run, beside the turns and out of their way: in slots of their own (limits.summary.concurrency), one at a time of a session.
 * A session that finds limits.summary.maxWaiting before it is left out; the end of its next turn offers it again.
 */
export class SummaryLane {
  readonly #work: SummaryWork;
  readonly #slots = new CallSlots(limits.summary.concurrency);
  readonly #jobs = new Map<string, Promise<void>>();
  /** Sessions in hand of which another turn has ended since. */
  readonly #again = new Map<string, string>();
  readonly #stopping = new AbortController();
  #wanted = 0;

  constructor(work: SummaryWork) {
    this.#work = work;
  }

  /** Takes a session whose turn has ended; one that is in hand is looked at once more after that. Never throws, never waits. */
  offer(sessionId: string, correlationId: string): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#jobs.has(sessionId)) {
      this.#again.set(sessionId, correlationId);
      return;
    }
    const job = this.#runJob(sessionId, correlationId)
      .catch((cause: unknown) => this.#work.onError(sessionId, cause))
      .finally(() => {
        this.#jobs.delete(sessionId);
        const again = this.#again.get(sessionId);
        this.#again.delete(sessionId);
        if (again !== undefined) this.offer(sessionId, again);
      });
    this.#jobs.set(sessionId, job);
  }

  /** Whether no session is in hand. */
  get isIdle(): boolean {
    return this.#jobs.size === 0;
  }

  /** Aborts the calls under way and takes no more; resolves once what they spent is recorded, however long that takes. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#jobs.values());
  }

  async #runJob(sessionId: string, correlationId: string): Promise<void> {
    if (!(await this.#work.isDue(sessionId))) return;
    if (this.#wanted >= limits.summary.concurrency + limits.summary.maxWaiting) return;
    this.#wanted += 1;
    try {
      await this.#slots.within(async () => {
        if (this.#stopping.signal.aborted) return;
        const call = linkedAbort(this.#stopping.signal);
        await this.#work.run(sessionId, correlationId, call).finally(call.abort);
      });
    } finally {
      this.#wanted -= 1;
    }
  }
}
