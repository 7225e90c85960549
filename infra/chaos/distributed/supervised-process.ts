import type { PlannedProcess } from '../../distributed/plan-processes.ts';
import { isReady } from '../../distributed/service-process.ts';
import { type ProcessDeath, type ProcessUnderChaos, startUnderChaos } from './process-under-chaos.ts';

/** One of the four processes, over all of its lives: whenever one ends the next is started, as a supervisor would. */
export class SupervisedProcess {
  readonly #planned: PlannedProcess;
  readonly #onDeath: (death: ProcessDeath) => void;
  #life: ProcessUnderChaos;
  #isStopping = false;
  #ended: Promise<void>;

  constructor(planned: PlannedProcess, onDeath: (death: ProcessDeath) => void) {
    this.#planned = planned;
    this.#onDeath = onDeath;
    this.#life = startUnderChaos(planned);
    this.#ended = this.#supervise();
  }

  /** The life that runs now. */
  get life(): ProcessUnderChaos {
    return this.#life;
  }

  /** Resolves with true once the life of that moment says that it is ready; a death before that passes to the next life. */
  async untilReady(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const { url, died } = this.#life;
      if (await isReady({ url, ended: died.then(String) }, signal)) return true;
    }
    return false;
  }

  /** Drains the last life; no further one begins. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#life.stop();
    await this.#ended;
  }

  async #supervise(): Promise<void> {
    for (;;) {
      const death = await this.#life.died;
      if (this.#isStopping) return;
      this.#onDeath(death);
      this.#life = startUnderChaos(this.#planned);
    }
  }
}
