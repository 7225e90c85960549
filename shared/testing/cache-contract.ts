import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { limits } from '../contracts/index.ts';
import type { Cache } from '../ports/index.ts';

/** A cache with nothing in it. */
export interface CacheUnderTest {
  readonly cache: Cache;
  close(): Promise<void>;
}

/** The rules of the Cache port, for every adapter; how long it keeps what is its own matter. */
export function cacheContract(adapter: string, open: () => Promise<CacheUnderTest>): void {
  describe(`Cache: ${adapter}`, () => {
    let opened: CacheUnderTest;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    test('what was never kept is not there', async () => {
      expect(await opened.cache.get('session')).toBeUndefined();
    });

    test('a text comes back unchanged', async () => {
      const text = `ß 龍 🐉 \u2028 \\ " \n \u0000 ${'x'.repeat(200_000)}`;
      await opened.cache.put('session', text);
      expect(await opened.cache.get('session')).toBe(text);
    });

    test('an empty text is a text', async () => {
      await opened.cache.put('session', '');
      expect(await opened.cache.get('session')).toBe('');
    });

    test('a later text takes the place of the former, and names do not mix', async () => {
      await opened.cache.put('one', 'first');
      await opened.cache.put('other', 'another');
      await opened.cache.put('one', 'second');
      expect(await opened.cache.get('one')).toBe('second');
      expect(await opened.cache.get('other')).toBe('another');
    });

    test('what is forgotten is gone, and forgetting what is not there is done as well', async () => {
      await opened.cache.put('session', 'text');
      expect(await opened.cache.forget('session')).toBe(true);
      expect(await opened.cache.get('session')).toBeUndefined();
      expect(await opened.cache.forget('session')).toBe(true);
    });

    test('a text that is too large is left out', async () => {
      await opened.cache.put('session', 'ß'.repeat(limits.cache.maxEntryBytes / 2 + 1));
      expect(await opened.cache.get('session')).toBeUndefined();
    });
  });
}
