import { createCipheriv, createDecipheriv } from 'node:crypto';
import { lengthPrefixed } from './length-prefixed.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;

const associatedData = (keyId: string) => lengthPrefixed(['turnledger-data-key-1', keyId]);

/** A data key under the master key, as base64 of iv, tag and ciphertext; bound to its id, so a swapped row does not open. */
export function wrapKey(masterKey: Buffer, keyId: string, key: Buffer, iv: Buffer): string {
  const cipher = createCipheriv('aes-256-gcm', masterKey, iv).setAAD(associatedData(keyId));
  const ciphertext = Buffer.concat([cipher.update(key), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('base64');
}

/** The data key, or undefined when this master key did not wrap it under this id. */
export function unwrapKey(masterKey: Buffer, keyId: string, wrapped: string): Buffer | undefined {
  const bytes = Buffer.from(wrapped, 'base64');
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(associatedData(keyId))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
