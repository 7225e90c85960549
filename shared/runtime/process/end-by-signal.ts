/** Why a process ends: the signals that ask it to. */
const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Two-stage shutdown: the first signal drains, the second ends at once; either way the process ends by that signal, so that whoever
 * started it sees why. Answers whether a shutdown is under way.
 */
export function endBySignal(drain: () => Promise<void>): () => boolean {
  let isEnding = false;
  const endNow = (signal: NodeJS.Signals) => {
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (isEnding) return endNow(signal);
    isEnding = true;
    drain().then(
      () => endNow(signal),
      () => process.exit(1),
    );
  };
  for (const name of signals) process.on(name, onSignal);
  return () => isEnding;
}
