/**
 * What keeps one connection alive: it ends when the caller aborts, when nothing was heard for `silenceMs`, or when its work is done. Holds
 * one timer and one listener until `end`.
 */
export class Lifeline {
  readonly #connection = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #silenceMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isSilent = false;

  constructor(caller: AbortSignal | undefined, silenceMs: number) {
    this.#caller = caller;
    this.#silenceMs = silenceMs;
    caller?.addEventListener('abort', this.#cut, { once: true });
    if (caller?.aborted) this.#cut();
    this.heard();
  }

  readonly #cut = () => this.#connection.abort();

  get signal(): AbortSignal {
    return this.#connection.signal;
  }

  /** True when it was silence that ended it. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  get silenceMs(): number {
    return this.#silenceMs;
  }

  /** Something came: silence counts from now. */
  heard(): void {
    clearTimeout(this.#timer);
    if (this.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#isSilent = true;
      this.#cut();
    }, this.#silenceMs);
  }

  /** A step of the connection, or a rejection as soon as the line ends: an abort inside `fetch` has been seen to get lost. */
  race<T>(step: Promise<T>): Promise<T> {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      const cut = () => reject(signal.reason);
      const settled = () => signal.removeEventListener('abort', cut);
      signal.addEventListener('abort', cut, { once: true });
      void step.then(resolve, reject).finally(settled);
      if (signal.aborted) cut();
    });
  }

  /** Closes the connection if it is still open; may be called again. */
  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#cut);
    this.#cut();
  }
}
