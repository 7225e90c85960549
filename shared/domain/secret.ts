/** Any JSON value, as a client may send it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** An encrypted value as the log stores it (AES-256-GCM, see trust/envelope); the domain carries it and never opens it. */
export interface Sealed {
  readonly v: 1;
  readonly keyId: string;
  /** 12 bytes, base64url. */
  readonly iv: string;
  /** 16 bytes, base64url. */
  readonly tag: string;
  /** base64url. */
  readonly ciphertext: string;
  /** Where it was sealed, noted when the value leaves its event (a view's row): it opens with nothing else. Never stored in the log. */
  readonly at?: { readonly eventId: string; readonly field: string };
}

/**
 * The form an event is in. `plain`: a decider made it. `sealed`: the log holds it, personal fields encrypted.
 * `opened`: a reader decrypted it; null stands where the key is destroyed (an erased player).
 */
export type Form = 'plain' | 'sealed' | 'opened';

/** A field that holds what a person wrote: readable, sealed or opened according to the form of the event around it. */
export type Secret<F extends Form, T> = F extends 'plain' ? T : F extends 'sealed' ? Sealed : T | null;
