/**
 * What Ctrl-C does: while something can be called off, it calls that off, once; else it ends the program. So a second one ends it in any
 * case.
 */
export class CallOff {
  readonly #end: () => void;
  #callOff: (() => void) | undefined;

  constructor(end: () => void) {
    this.#end = end;
  }

  /** Ctrl-C was pressed. */
  readonly press = (): void => {
    const callOff = this.#callOff ?? this.#end;
    this.#callOff = undefined;
    callOff();
  };

  /** Does a work that may be called off meanwhile. */
  async during<T>(callOff: () => void, work: () => Promise<T>): Promise<T> {
    this.#callOff = callOff;
    try {
      return await work();
    } finally {
      this.#callOff = undefined;
    }
  }
}
