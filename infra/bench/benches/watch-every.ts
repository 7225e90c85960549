/** A look that is taken again and again. */
export interface Watch {
  /** Waits for a look that is under way; rejects with what a look threw. */
  stop(): Promise<void>;
}

/** Takes a look every so often, one after another: a slow one delays the next and none is lost count of. */
export function watchEvery(everyMs: number, look: () => Promise<void>): Watch {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(look);
    // Told to whoever stops it.
    running.catch(() => undefined);
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
