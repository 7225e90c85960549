/**
 * Runs `end` should this process exit before it is called off (Ctrl-C in the middle of a round): a service that was left behind would go
 * on with its own PostgreSQL for ever. `end` must be synchronous, a signal to a child as a rule; what it leaves is a data folder in the
 * temporary folder.
 */
export function endWithThisProcess(end: () => void): { callOff(): void } {
  process.once('exit', end);
  return { callOff: () => void process.off('exit', end) };
}
