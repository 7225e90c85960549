import { hkdfSync } from 'node:crypto';

/** What a derived key is for; part of the derivation, so that no two purposes share a key. */
export type KeyPurpose = 'body' | 'prompt' | 'profile' | 'outside-id' | 'snapshot';

const KEY_BYTES = 32;

/** Kept beside the key they come from and no longer than it: a derivation costs 40 µs, and a turn needs two. */
const derived = new WeakMap<Buffer, ReadonlyMap<KeyPurpose, Buffer>>();

/** A 256-bit key for one purpose out of a data or master key: HKDF-SHA-256 (RFC 5869), no salt, info `turnledger-<purpose>-1`. */
export function deriveKey(key: Buffer, purpose: KeyPurpose): Buffer {
  const known = derived.get(key)?.get(purpose);
  if (known) return known;
  const made = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `turnledger-${purpose}-1`, KEY_BYTES));
  derived.set(key, new Map(derived.get(key)).set(purpose, made));
  return made;
}
