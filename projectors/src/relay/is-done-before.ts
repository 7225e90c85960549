/** True once the work is done; false when the signal aborts first. Throws what the work throws. */
export function isDoneBefore(work: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(false);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    void work.then(() => resolve(true), reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
