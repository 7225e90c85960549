import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from './canonical-json.ts';
import { deriveKey, type KeyPurpose } from './derive-key.ts';
import { type EnvelopePlace, openValue, sealValue } from './envelope.ts';
import { type ChainedEvent, eventHash, firstBrokenLink } from './hash-chain.ts';
import { contentHash, keyedHash } from './keyed-hash.ts';
import { unwrapKey, wrapKey } from './wrap-key.ts';

/** The files were computed by another implementation (Python's hashlib, hmac and cryptography), not by the code they test. */
const vectors = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8')) as T;

const fromHex = (hex: string) => Buffer.from(hex, 'hex');

describe('the committed hash chain', () => {
  const { events } = vectors<{ events: readonly ChainedEvent[] }>('hash-chain');

  it.each(events)('gives revision $revision its recorded hash', (event) => {
    expect(eventHash(event, event.metadata.prevHash ?? '')).toBe(event.metadata.hash);
  });

  it('holds from its first event to its last', () => {
    expect(firstBrokenLink(events)).toBeUndefined();
  });

  it('is what the written rule gives, recomputed here without our functions', () => {
    const prefixed = (part: string | Buffer): Buffer => {
      const bytes = Buffer.from(part as string, 'utf8');
      return Buffer.concat([Buffer.from(bytes.length.toString(16).padStart(8, '0'), 'hex'), bytes]);
    };
    let prevHash = '0000000000000000000000000000000000000000000000000000000000000000';
    for (const { stream, revision, eventId, type, data, metadata } of events) {
      const names = Object.keys(metadata)
        .filter((name) => !['hash', 'prevHash'].includes(name))
        .sort();
      const dataHash = createHash('sha256').update(Buffer.from(data, 'utf8')).digest();
      const parts = [stream, `${revision}`, eventId, type, prevHash, dataHash];
      for (const name of names) parts.push(name, metadata[name] ?? '');
      const bytes = Buffer.concat([Buffer.from('turnledger-event-1'), Buffer.from([0]), ...parts.map(prefixed)]);
      const hash = createHash('sha256').update(bytes).digest('hex');
      expect(metadata).toMatchObject({ prevHash, hash });
      prevHash = hash;
    }
  });
});

describe('the committed envelope', () => {
  interface EnvelopeVector {
    readonly keyHex: string;
    readonly ivHex: string;
    readonly place: EnvelopePlace;
    readonly value: unknown;
    readonly sealed: ReturnType<typeof sealValue>;
  }
  const { keyHex, ivHex, place, value, sealed } = vectors<EnvelopeVector>('envelope');

  it('is what the same key, iv and place seal', () => {
    expect(sealValue(sealed.keyId, fromHex(keyHex), fromHex(ivHex), place, value)).toEqual(sealed);
  });

  it('opens to its value', () => {
    expect(openValue(sealed, fromHex(keyHex), place)).toEqual({ outcome: 'ok', value });
  });
});

describe('the committed wrapped key', () => {
  interface WrappedVector {
    readonly masterKeyHex: string;
    readonly keyId: string;
    readonly keyHex: string;
    readonly ivHex: string;
    readonly wrapped: string;
  }
  const { masterKeyHex, keyId, keyHex, ivHex, wrapped } = vectors<WrappedVector>('wrapped-key');

  it('is what the same master key and iv wrap', () => {
    expect(wrapKey(fromHex(masterKeyHex), keyId, fromHex(keyHex), fromHex(ivHex))).toBe(wrapped);
  });

  it('unwraps to its key', () => {
    expect(unwrapKey(fromHex(masterKeyHex), keyId, wrapped)?.toString('hex')).toBe(keyHex);
  });
});

describe('the committed keyed hashes', () => {
  interface KeyedHashCase {
    readonly purpose: KeyPurpose;
    readonly derivedKeyHex: string;
    readonly value: unknown;
    readonly hmac: string;
  }
  const { keyHex, cases } = vectors<{ keyHex: string; cases: readonly KeyedHashCase[] }>('keyed-hash');

  it.each(cases)('derive the key for $purpose', ({ purpose, derivedKeyHex }) => {
    expect(deriveKey(fromHex(keyHex), purpose).toString('hex')).toBe(derivedKeyHex);
  });

  it.each(cases)('hash a value for $purpose', ({ purpose, value, hmac }) => {
    expect(keyedHash(fromHex(keyHex), purpose, value)).toBe(hmac);
  });
});

describe('the committed canonical JSON', () => {
  const { cases } = vectors<{ cases: readonly { value: unknown; canonical: string; sha256: string }[] }>(
    'canonical-json',
  );

  it.each(cases)('is $canonical', ({ value, canonical }) => {
    expect(canonicalJson(value)).toBe(canonical);
  });

  it.each(cases)('hashes to $sha256', ({ value, sha256 }) => {
    expect(contentHash(value)).toBe(sha256);
  });
});
