import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { deriveKey } from './derive-key.ts';
import { keyedHash } from './keyed-hash.ts';
import { unwrapKey, wrapKey } from './wrap-key.ts';

const masterKey = randomBytes(32);
const key = randomBytes(32);
const wrapped = wrapKey(masterKey, 'key-1', key, randomBytes(12));

describe('unwrapKey', () => {
  it('gives back the key that was wrapped', () => {
    expect(unwrapKey(masterKey, 'key-1', wrapped)).toEqual(key);
  });

  it('refuses another master key', () => {
    expect(unwrapKey(randomBytes(32), 'key-1', wrapped)).toBeUndefined();
  });

  it('refuses a key that stands in the row of another id', () => {
    expect(unwrapKey(masterKey, 'key-2', wrapped)).toBeUndefined();
  });

  it('refuses one turned bit anywhere', () => {
    const opened = Array.from({ length: 60 }, (_, at) => {
      const bytes = Buffer.from(wrapped, 'base64');
      bytes[at] = (bytes[at] ?? 0) ^ 0x80;
      return unwrapKey(masterKey, 'key-1', bytes.toString('base64'));
    });
    expect(opened.filter((one) => one !== undefined)).toEqual([]);
  });

  it.each(['', 'AAAA', 'not base64 at all', wrapped.slice(0, 36)])(
    'refuses what is too short to be one: %j',
    (text) => {
      expect(unwrapKey(masterKey, 'key-1', text)).toBeUndefined();
    },
  );
});

describe('keys of different purposes', () => {
  it('differ from each other and from the key they come from', () => {
    const keys = [key, deriveKey(key, 'body'), deriveKey(key, 'prompt'), deriveKey(key, 'outside-id')];
    expect(new Set(keys.map((one) => one.toString('hex'))).size).toBe(4);
  });

  it('hash the same value differently', () => {
    expect(keyedHash(key, 'body', 'hello')).not.toBe(keyedHash(key, 'prompt', 'hello'));
  });

  it('hash equal values alike, whatever the order of their members', () => {
    expect(keyedHash(key, 'body', { a: 1, b: [2] })).toBe(keyedHash(key, 'body', { b: [2], a: 1 }));
  });
});
