import { isTurnledgerError, limits, rerunStream } from '@turnledger/shared/contracts';
import { compareTurns, isRunning, type RerunComparison, type RerunState } from '@turnledger/shared/domain';
import { isTransient } from './is-transient.ts';
import type { RerunPorts, RerunRun } from './rerun-ports.ts';
import { contextOf } from './run-context.ts';

/**
 * Writes what turns came to into the stream of their re-run, as many in one append as come within limits.rerun.gatherMs. Nothing is lost by
 * one that is not written: its turn has ended in its own stream, and whoever runs the re-run next compares it.
 */
export class ComparisonBook {
  readonly #ports: RerunPorts;
  readonly #run: RerunRun;
  #state: RerunState;
  #waiting: RerunComparison[] = [];
  #writing: Promise<void> | undefined;
  #failure: unknown;

  constructor(ports: RerunPorts, run: RerunRun, state: RerunState) {
    this.#ports = ports;
    this.#run = run;
    this.#state = state;
  }

  /** As the log has it, as far as this book knows. */
  get state(): RerunState {
    return this.#state;
  }

  /** Takes a comparison; resolves at once, or when there is room again. */
  async add(comparison: RerunComparison): Promise<void> {
    this.#waiting.push(comparison);
    this.#begin(limits.rerun.gatherMs);
    if (this.#waiting.length >= limits.rerun.maxWaitingComparisons) await this.#writing;
  }

  /** Resolves when everything that was taken is written, the re-run is over, or the run was aborted. Throws what kept it from being written. */
  async flush(): Promise<void> {
    do {
      this.#begin(0);
      await this.#writing;
      if (this.#failure !== undefined) throw this.#failure;
    } while (this.#waiting.length > 0 && isRunning(this.#state) && !this.#run.deadline.aborted);
  }

  /**
   * The stream, read at most `maxAgeMs` ago: whether it was cancelled is news that comes from elsewhere. Throws `store_unavailable`, and what keeps
   * comparisons from being written for good: nobody would read what a further call is paid for.
   */
  async look(maxAgeMs = 0): Promise<RerunState> {
    if (this.#failure !== undefined) throw this.#failure;
    const state = await this.#ports.ledger.reruns.load(rerunStream(this.#run.rerunId), maxAgeMs);
    if (state.revision > this.#state.revision) this.#state = state;
    return this.#state;
  }

  #begin(gatherMs: number): void {
    if (this.#failure !== undefined) return;
    this.#writing ??= this.#write(gatherMs)
      .catch((thrown: unknown) => {
        this.#failure = thrown;
      })
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async #write(gatherMs: number): Promise<void> {
    const { clock, log } = this.#ports;
    const { rerunId, deadline } = this.#run;
    if (gatherMs > 0) await clock.sleep(gatherMs, deadline);
    while (this.#waiting.length > 0 && isRunning(this.#state)) {
      const some = this.#waiting.slice(0, limits.rerun.maxComparisonsPerAppend);
      try {
        await this.#append(some);
        this.#waiting.splice(0, some.length);
      } catch (thrown) {
        if (deadline.aborted) return;
        if (!isTurnledgerError(thrown) || !isTransient(thrown.code)) throw thrown;
        log.warn({ rerunId, code: thrown.code, cause: thrown }, 'comparisons of a re-run cannot be recorded yet');
        await clock.sleep(limits.worker.endingRetryMs, deadline);
      }
    }
  }

  async #append(comparisons: readonly RerunComparison[]): Promise<void> {
    const stream = rerunStream(this.#run.rerunId);
    const options = { context: contextOf(this.#run) };
    const { reruns } = this.#ports.ledger;
    const result = await reruns.transact(stream, (now) => compareTurns(comparisons, now), options);
    this.#state = result.state;
  }
}
