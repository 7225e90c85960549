import { visible } from './visible.ts';

/** Where progress is told: standard error, which knows whether it is a terminal. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
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
    this.#output.write(`${ERASE_LINE}${visible(text)}`);
    this.#isShown = true;
  }

  clear(): void {
    if (this.#isShown) this.#output.write(ERASE_LINE);
    this.#isShown = false;
  }
}
