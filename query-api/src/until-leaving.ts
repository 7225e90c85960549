import { setMaxListeners } from 'node:events';
import { linkedAbort, type ServerEvent } from '@turnledger/shared/runtime';
import type { QueryPorts } from './ports.ts';

/**
 * A stream that may last for hours, until its client leaves or this process is about to: that does not wait for its end, and the client comes
 * back with the last id it has.
 */
export async function* untilLeaving(
  { leaving }: Pick<QueryPorts, 'leaving'>,
  left: AbortSignal,
  events: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
): AsyncGenerator<ServerEvent, void> {
  // One listener for each open stream, hundreds of them: no leak, which Node would warn of at the eleventh.
  if (leaving) setMaxListeners(0, leaving);
  const link = linkedAbort(left, ...(leaving ? [leaving] : []));
  try {
    yield* events(link.signal);
  } finally {
    link.abort();
  }
}
