import type { Clock, WorkerLiveness } from '@turnledger/shared/ports';
import { type LinkedAbort, type Log, linkedAbort } from '@turnledger/shared/runtime';
import { Pulse } from './pulse.ts';

export interface FencedCallsOptions {
  /** Absent where no other process could take this worker's claims, so that nobody has to know whether it lives. */
  readonly liveness?: WorkerLiveness | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** This life of the worker. */
  readonly worker: string;
}

/** What a worker does under its beat (rule 4): calls end when it cannot beat, and none begins before it does again. */
export class FencedCalls {
  readonly #calls = new Set<LinkedAbort>();
  readonly #pulse: Pulse | undefined;

  constructor({ liveness, clock, log, worker }: FencedCallsOptions) {
    const onFaint = () => {
      for (const call of this.#calls) call.abort();
    };
    this.#pulse = liveness && new Pulse({ liveness, clock, log, worker, onFaint });
  }

  /** Whether its beat arrives, so that it may claim; true where nobody has to know. */
  get isBeating(): boolean {
    return this.#pulse?.isBeating ?? true;
  }

  /** Beats until the signal aborts, then says goodbye. */
  async beat(signal: AbortSignal): Promise<void> {
    await this.#pulse?.beat(signal);
  }

  /** Resolves once it beats, or when the signal aborts. */
  async untilBeating(signal: AbortSignal): Promise<void> {
    await this.#pulse?.untilBeating(signal);
  }

  /** Runs work under a signal that aborts also when the beat stops; `faint`: it was not begun, or was cut short by that. */
  async within<Answer>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Answer>): Promise<Answer | 'faint'> {
    const call = linkedAbort(signal);
    try {
      return await this.hold(call, async () => {
        if (!this.isBeating) return 'faint' as const;
        const answer = await work(call.signal);
        return call.signal.aborted && !signal.aborted ? ('faint' as const) : answer;
      });
    } finally {
      call.abort();
    }
  }

  /** The same under a signal that is the caller's to end. */
  async hold<Answer>(call: LinkedAbort, work: () => Promise<Answer>): Promise<Answer> {
    this.#calls.add(call);
    return work().finally(() => this.#calls.delete(call));
  }
}
