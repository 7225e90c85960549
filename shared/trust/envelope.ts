import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Sealed } from '../domain/index.ts';
import { lengthPrefixed } from './length-prefixed.ts';

/** Where an encrypted value stands; part of what is authenticated, so that a value moved elsewhere does not open. */
export interface EnvelopePlace {
  readonly stream: string;
  readonly eventId: string;
  /** Path of the field in the event's data, for instance `state.data`. */
  readonly field: string;
}

export const envelopeIvBytes = 12;
const TAG_BYTES = 16;

const associatedData = ({ stream, eventId, field }: EnvelopePlace) =>
  lengthPrefixed(['turnledger-envelope-1', stream, eventId, field]);

/**
 * Encrypts one JSON value under a 256-bit data key (AES-256-GCM). The plaintext is `{"v":1,"value":…}`, so that what is inside can change
 * its shape later without opening the old ones. `iv`: 12 bytes, fresh and random for every call.
 */
export function sealValue(keyId: string, key: Buffer, iv: Buffer, place: EnvelopePlace, value: unknown): Sealed {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(associatedData(place));
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify({ v: 1, value }), 'utf8'), cipher.final()]);
  return {
    v: 1,
    keyId,
    iv: iv.toString('base64url'),
    tag: cipher.getAuthTag().toString('base64url'),
    ciphertext: ciphertext.toString('base64url'),
  };
}

/** What an envelope gave. `damaged`: the bytes, the key or the place are not those it was sealed with. */
export type Opened = { readonly outcome: 'ok'; readonly value: unknown } | { readonly outcome: 'damaged' };

/** Decrypts one value; never throws for content. */
export function openValue(sealed: Sealed, key: Buffer, place: EnvelopePlace): Opened {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.iv, 'base64url'), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(associatedData(place))
      .setAuthTag(Buffer.from(sealed.tag, 'base64url'));
    const bytes = Buffer.concat([decipher.update(Buffer.from(sealed.ciphertext, 'base64url')), decipher.final()]);
    const { value } = JSON.parse(bytes.toString('utf8'));
    return { outcome: 'ok', value };
  } catch {
    return { outcome: 'damaged' };
  }
}
