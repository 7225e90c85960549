import { createHash, createHmac } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import { deriveKey, type KeyPurpose } from './derive-key.ts';
import { lengthPrefixed } from './length-prefixed.ts';

/**
 * HMAC-SHA-256 in hexadecimal over the canonical JSON of a value, under a key derived for one purpose. Keyed, because a plain hash of a
 * short line of dialogue can be guessed; with the data key destroyed it says nothing any more.
 */
export function keyedHash(key: Buffer, purpose: KeyPurpose, value: unknown): string {
  return createHmac('sha256', deriveKey(key, purpose)).update(canonicalJson(value)).digest('hex');
}

/** The same over texts as they stand, for what is too long to be brought into canonical form at each look. */
export function keyedTextHash(key: Buffer, purpose: KeyPurpose, texts: readonly string[]): string {
  return createHmac('sha256', deriveKey(key, purpose)).update(lengthPrefixed(texts)).digest('hex');
}

/** SHA-256 in hexadecimal over the canonical JSON of a value that is nobody's secret. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
