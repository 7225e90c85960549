import { hkdfSync } from 'node:crypto';

/** What a derived key is for; part of the derivation, so that no two purposes share a key. */
export type KeyPurpose = 'body' | 'prompt' | 'outside-id';

const KEY_BYTES = 32;

/** A 256-bit key for one purpose out of a data or master key: HKDF-SHA-256 (RFC 5869), no salt, info `turnledger-<purpose>-1`. */
export function deriveKey(key: Buffer, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `turnledger-${purpose}-1`, KEY_BYTES));
}
