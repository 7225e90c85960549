import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { providerText } from './provider-text.ts';

test('a plain name stays as it is', () => {
  expect(providerText('gpt-4.1-mini')).toBe('gpt-4.1-mini');
});

test.each([[undefined], [null], [''], ['\u0000\u001b\n']])('%j is absent', (text) => {
  expect(providerText(text)).toBeUndefined();
});

test('what cannot be printed is left out', () => {
  expect(providerText('a\u001b[31m\u202eb\ud800')).toBe('a[31mb');
});

test('never more than 128 characters, never half of one', () => {
  expect(providerText('🐉'.repeat(500))).toBe('🐉'.repeat(128));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const cut = providerText(text) ?? '';
      expect([...cut].length).toBeLessThanOrEqual(128);
      expect(cut.isWellFormed()).toBe(true);
    }),
  );
});
