/** An election among processes: at most one holder of a name at a time, proven by the store that the holder writes to. */
export interface Leadership {
  /**
   * Runs `work` whenever this process holds `name`, again after each loss, until the signal aborts. `work` gets a signal that aborts when
   * the lead or the caller's signal is gone, and must return then.
   */
  lead(name: string, work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}
