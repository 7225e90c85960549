import type { Form, Json, Secret } from '../secret.ts';

export interface PlayerRegistered<F extends Form> {
  readonly type: 'PlayerRegistered';
  readonly data: { readonly externalId: Secret<F, string>; readonly keyId: string };
}

/** What a player has agreed to, beyond being answered. */
export interface Consent {
  readonly training: boolean;
  readonly analytics: boolean;
}

/** The whole profile as it is from now on; what is absent is no longer known. */
export interface PlayerProfileUpdated<F extends Form> {
  readonly type: 'PlayerProfileUpdated';
  readonly data: {
    readonly displayName?: Secret<F, string>;
    /** BCP 47, for instance `pt-PT`. */
    readonly locale?: string;
    readonly traits?: Secret<F, { readonly [key: string]: Json }>;
    readonly consent: Consent;
    /** Keyed hash of the profile: the same one again changes nothing. */
    readonly profileHmac: string;
  };
}

/** Every event of a player stream, in the form F. */
export type PlayerEvent<F extends Form = Form> = PlayerRegistered<F> | PlayerProfileUpdated<F>;
