import { describe, expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import fc from 'fast-check';
import { readPreferences } from './prefer.ts';

const nothing = { respondAsync: false };
const async = { respondAsync: true };

describe('readPreferences', () => {
  test.each([
    ['respond-async', async],
    ['Respond-Async', async],
    ['handling=lenient, respond-async; foo=bar', async],
    ['foo="a, respond-async", bar', nothing],
    ['respond-asynchronously', nothing],
    ['wait=10', { ...nothing, waitSeconds: 10 }],
    ['WAIT = 10', { ...nothing, waitSeconds: 10 }],
    ['wait="10"', { ...nothing, waitSeconds: 10 }],
    ['wait=10;unit=seconds', { ...nothing, waitSeconds: 10 }],
    ['wait=0', { ...nothing, waitSeconds: 0 }],
    ['wait=5, wait=50', { ...nothing, waitSeconds: 5 }],
    ['respond-async, wait=5', { ...async, waitSeconds: 5 }],
    ['wait=5 , respond-async', { ...async, waitSeconds: 5 }],
  ])('reads %p', (header, preferences) => {
    expect(readPreferences(header)).toEqual(preferences);
  });

  test.each([
    undefined,
    '',
    ',,',
    'wait',
    'wait=',
    'wait=soon',
    'wait=-1',
    'wait=1.5',
    'wait=1e3',
    'wait=9999999999',
    'wait="10',
    'wait=soon, wait=5',
    `${'x'.repeat(limits.http.maxPreferChars)}, wait=5`,
  ])('ignores %p', (header) => {
    expect(readPreferences(header)).toEqual(nothing);
  });

  test('never throws', () => {
    const parts = fc.constantFrom('wait', '=', '5', '"', '\\', ',', ';', ' ', 'respond-async', 'é');
    fc.assert(
      fc.property(fc.array(parts), (texts) => {
        expect(readPreferences(texts.join(''))).toHaveProperty('respondAsync');
      }),
    );
  });
});
