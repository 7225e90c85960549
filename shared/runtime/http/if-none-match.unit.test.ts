import { describe, expect, it } from '@jest/globals';
import { namesEtag } from './if-none-match.ts';

describe('namesEtag', () => {
  it.each(['"3.7"', 'W/"3.7"', '3.7', '*', '"1", "3.7"', '"1",W/"3.7" , "x"', ' "3.7" '])(
    '%s names "3.7"',
    (header) => {
      expect(namesEtag(header, '"3.7"')).toBe(true);
    },
  );

  it.each([undefined, '', '"3"', '"3.70"', 'w/"3.7"', '"3.7', '"1", "2"'])('%s does not', (header) => {
    expect(namesEtag(header, '"3.7"')).toBe(false);
  });
});
