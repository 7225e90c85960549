import { clientBounds, defaultRetryPolicy, type RetryPolicy } from './client-bounds.ts';
import { newRandomId } from './random-draw.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';

export interface ClientOptions {
  /** Where Turnledger answers, as `https://turns.example.org`; a path is kept. */
  readonly baseUrl: string;
  /** The bearer token, or what gives one; asked before every request, so that a stream outlives a token. */
  readonly token?: string | (() => string | Promise<string>);
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** What differs from the default. */
  readonly retry?: Partial<RetryPolicy>;
  /** Makes the key of an action; `crypto.randomUUID` unless given. Must never give one twice. */
  readonly newKey?: () => string;
}

/** The options of a client, compiled once: nothing is optional from here on. */
export interface Connection {
  readonly baseUrl: string;
  readonly retry: RetryPolicy;
  readonly fetch: typeof globalThis.fetch;
  readonly token: () => string | undefined | Promise<string>;
  readonly newKey: () => string;
}

const invalid = (pointer: string, message: string) =>
  new TurnledgerProblem('request_invalid', { detail: `${pointer} ${message}`, errors: [{ pointer, message }] });

/** Throws `request_invalid` for a base URL that is none. */
export function openConnection({ baseUrl, token, fetch: given, retry, newKey }: ClientOptions): Connection {
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
    throw invalid('baseUrl', 'must be an http or https URL');
  }
  return {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    retry: { ...defaultRetryPolicy, ...retry },
    // Called by its own name: a browser's fetch refuses to run as a method of something else.
    fetch: given ?? ((...call) => fetch(...call)),
    token: typeof token === 'function' ? token : () => token,
    newKey: newKey ?? newRandomId,
  };
}

/**
 * The one key of an action: the caller's or a new one. Throws `request_invalid` for what cannot be in a header, which `fetch` would
 * report like a broken network.
 */
export function keyOfAction({ newKey }: Connection, given: string | undefined): string {
  const key = given ?? newKey();
  if (/^[\x20-\x7e]+$/.test(key) && key.length <= clientBounds.maxIdempotencyKeyChars) return key;
  throw invalid('idempotencyKey', `must be 1 to ${clientBounds.maxIdempotencyKeyChars} printable ASCII characters`);
}
