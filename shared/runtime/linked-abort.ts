/** A signal of one's own that follows others until it is done. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  /** Aborts, unless that has happened, and lets go of the others. The end of every link: one that is not ended stays on its sources. */
  abort(): void;
}

/** Given as the reason of an abort: without one Node makes a DOMException with its stack each time, 4 µs more. */
const REASON = 'linked abort';

/**
 * A signal that aborts with the first of its sources, or by itself.
 *
 * Why not AbortSignal.any: it cannot be let go of. Each one costs 10 to 18 µs and leaves a WeakRef in every source, so that a signal as
 * old as the process gathered three a turn (16,402 after 5,451 turns, Node 20.20).
 */
export function linkedAbort(...sources: readonly AbortSignal[]): LinkedAbort {
  const own = new AbortController();
  const abort = () => {
    for (const source of sources) source.removeEventListener('abort', abort);
    own.abort(REASON);
  };
  for (const source of sources) source.addEventListener('abort', abort, { once: true });
  if (sources.some(({ aborted }) => aborted)) abort();
  return { signal: own.signal, abort };
}
