import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { bookmarkToken, parseBookmarkToken } from './bookmark-token.ts';

describe('a bookmark', () => {
  test('says its session and its turn, in characters of which a save file has room', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (sessionId, turnId) => {
        const token = bookmarkToken({ sessionId, turnId });
        expect(token).toHaveLength(limits.session.maxBookmarkChars);
        expect(parseBookmarkToken(token)).toEqual({ sessionId, turnId });
      }),
    );
  });

  test.each(['', 'abc', '!'.repeat(43), 'A'.repeat(42), 'A'.repeat(44)])('is nothing else: %j', (token) => {
    expect(parseBookmarkToken(token)).toBeUndefined();
  });
});
