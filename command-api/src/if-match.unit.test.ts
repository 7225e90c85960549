import { describe, expect, test } from '@jest/globals';
import { etagOf, readIfMatch } from './if-match.ts';

const read = (value?: string) => readIfMatch({ header: () => value });

describe('readIfMatch', () => {
  test.each([
    [undefined, undefined],
    ['"3"', 3],
    ['3', 3],
    [' "0" ', 0],
    ['*', 'any'],
  ] as const)('reads %p', (header, expected) => {
    expect(read(header)).toBe(expected);
  });

  test.each(['', 'W/"3"', '"3', '3"', '"3", "4"', '"x"', '-1', '"99999999999"', '"*"'])('refuses %p', (header) => {
    expect(() => read(header)).toThrow(expect.objectContaining({ code: 'request_invalid' }));
  });

  test('takes what an ETag gave', () => {
    expect(read(etagOf(17).etag)).toBe(17);
  });
});
