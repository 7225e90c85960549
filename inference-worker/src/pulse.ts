import { limits } from '@turnledger/shared/contracts';
import type { Clock, WorkerLiveness } from '@turnledger/shared/ports';
import { type Log, linkedAbort } from '@turnledger/shared/runtime';

export interface PulseOptions {
  readonly liveness: WorkerLiveness;
  readonly clock: Clock;
  readonly log: Log;
  /** This life of the worker. */
  readonly worker: string;
  /** Told once each time that the beat has stopped for too long: running calls must end. */
  readonly onFaint: () => void;
}

/**
 * A worker's beat (rule 4): once a second where others can read it, and here whether it is young enough to work on. After
 * limits.liveness.fenceMs without one this worker aborts its calls and claims nothing, a second before anybody may take it for lost; once it
 * beats again it goes on.
 */
export class Pulse {
  readonly #options: PulseOptions;
  /** Monotonic time at which the last beat that arrived was sent. */
  #beatAtMs = Number.NEGATIVE_INFINITY;
  #isFaint = false;
  #onBeat: (() => void)[] = [];

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Whether the last beat is young enough to claim and to call. */
  get isBeating(): boolean {
    return this.#options.clock.monotonicMs() - this.#beatAtMs < limits.liveness.fenceMs;
  }

  /** Beats until the signal aborts; then says that this worker has ended, at most once, and whether or not that arrives. */
  async beat(signal: AbortSignal): Promise<void> {
    const { liveness, worker, log } = this.#options;
    const link = linkedAbort(signal);
    const watching = this.#watch(link.signal);
    while (!signal.aborted) await this.#beatOnce(signal);
    link.abort();
    await watching;
    await liveness
      .end(worker)
      .catch((cause: unknown) => log.warn({ cause }, 'a worker could not say that it has ended'));
  }

  /** Resolves once it beats, or when the signal aborts. */
  async untilBeating(signal: AbortSignal): Promise<void> {
    while (!this.isBeating && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const go = () => {
          signal.removeEventListener('abort', go);
          resolve();
        };
        this.#onBeat.push(go);
        signal.addEventListener('abort', go, { once: true });
      });
    }
  }

  async #beatOnce(signal: AbortSignal): Promise<void> {
    const { liveness, clock, log, worker } = this.#options;
    const sentAtMs = clock.monotonicMs();
    try {
      await liveness.beat(worker);
      this.#beatAtMs = sentAtMs;
      if (this.#isFaint) log.warn({ worker }, 'this worker beats again and goes on');
      this.#isFaint = false;
      for (const go of this.#onBeat.splice(0)) go();
    } catch (cause) {
      log.debug({ cause }, 'a beat did not arrive');
    }
    await clock.sleep(Math.max(0, sentAtMs + limits.liveness.beatMs - clock.monotonicMs()), signal);
  }

  /** A beat that hangs must not hide that it is late: this looks by itself. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, log, worker, onFaint } = this.#options;
    for (;;) {
      await clock.sleep(limits.liveness.watchMs, signal);
      if (signal.aborted) return;
      // Before its first beat a worker has nothing to abort.
      if (this.#isFaint || this.isBeating || this.#beatAtMs === Number.NEGATIVE_INFINITY) continue;
      this.#isFaint = true;
      log.warn({ worker }, 'this worker cannot beat: it aborts its calls and claims nothing until it can');
      onFaint();
    }
  }
}
