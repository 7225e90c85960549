import { describe, expect, test } from '@jest/globals';
import { etagOf, readIfMatch, readScenarioIfMatch } from './if-match.ts';

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

  test.each(['', 'W/"3"', '"3', '3"', '"3", "4"', '"x"', '-1', '"3.7"', '"99999999999"', '"*"'])(
    'refuses %p',
    (header) => {
      expect(() => read(header)).toThrow(expect.objectContaining({ code: 'request_invalid' }));
    },
  );

  test('takes what an ETag gave', () => {
    expect(read(etagOf(17).etag)).toBe(17);
  });
});

describe('readScenarioIfMatch', () => {
  const readScenario = (value?: string) => readScenarioIfMatch({ header: () => value });

  test.each([
    [undefined, undefined],
    ['"3"', 3],
    ['*', 'any'],
    ['"3.7"', { version: 3, revision: 7 }],
    [' 3.7 ', { version: 3, revision: 7 }],
  ] as const)('reads %p', (header, expected) => {
    expect(readScenario(header)).toEqual(expected);
  });

  test.each(['', 'W/"3.7"', '"3.7', '3.7"', '"3."', '"3.7", "4.8"', '"3.99999999999"', '"3.7.1"'])(
    'refuses %p',
    (header) => {
      expect(() => readScenario(header)).toThrow(expect.objectContaining({ code: 'request_invalid' }));
    },
  );
});
