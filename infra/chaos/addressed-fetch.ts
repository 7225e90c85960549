import type { ServiceAddress } from './service-address.ts';

/** What clients call the service, wherever it is: no address is ever asked for under this name. */
export const SERVICE_URL = 'http://turnledger.invalid';

/** Longer than any turn may take; a request that hangs is a fault of its own. */
const ANSWER_WITHIN_MS = 40_000;

/** A `fetch` that goes to wherever the service is at that moment, and waits while it is down: each life has a port of its own. */
export const addressedFetch =
  (address: ServiceAddress['get']): typeof globalThis.fetch =>
  async (input, init) => {
    const { pathname, search } = new URL(String(input));
    const within = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const signal = init?.signal ? AbortSignal.any([init.signal, within]) : within;
    return fetch(`${await address()}${pathname}${search}`, { ...init, signal });
  };
