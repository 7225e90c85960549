import { TurnledgerProblem } from '@turnledger/shared/client';

/**
 * A `fetch` for somebody who waits at a terminal: until the service has answered once, a connection that fails is no lapse of the network
 * that is worth the client's retries of some 16 s, but a wrong address. Afterwards a failure is met like any other. Rejects with
 * `network_failed`, not retryable, for the first.
 */
export function impatientFetch(inner: typeof fetch): typeof fetch {
  let hasAnswered = false;
  return async (...call) => {
    try {
      const response = await inner(...call);
      hasAnswered = true;
      return response;
    } catch (cause) {
      const isAbort = call[1]?.signal?.aborted === true;
      if (hasAnswered || isAbort) throw cause;
      throw new TurnledgerProblem('network_failed', { retryable: false, cause });
    }
  };
}
