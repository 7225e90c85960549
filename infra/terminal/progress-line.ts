import { visible } from './visible.ts';

/** Where progress is told: standard error, which knows whether it is a terminal, and then how wide. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const ERASE_LINE = '\r\u001b[2K';

/** One line that is written over as work goes on, and erased for good; nothing at all where it would not be a terminal's. */
export class ProgressLine {
  readonly #output: ProgressOutput;
  #isShown = false;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  show(text: string): void {
    if (this.#output.isTTY !== true) return;
    // What reaches a second row, or the last column where some terminals begin one, would not be erased.
    // A terminal that does not say its width has 0.
    const columns = this.#output.columns || Number.POSITIVE_INFINITY;
    this.#output.write(`${ERASE_LINE}${visible(text, columns - 1)}`);
    this.#isShown = true;
  }

  clear(): void {
    if (this.#isShown) this.#output.write(ERASE_LINE);
    this.#isShown = false;
  }
}
