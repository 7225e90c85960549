import { describe, expect, test } from '@jest/globals';
import { recordText } from './view-record-text.ts';

describe('recordText', () => {
  test('leaves a record without escapes byte for byte as it is', () => {
    const record = '{"b": 1.0,  "a":"é \u{1F409} \\n"}';
    expect(recordText(record)).toBe(record);
  });

  test('puts U+FFFD for NUL and for half of a surrogate pair, in names and values at any depth', () => {
    const record = JSON.stringify({ 'n\0': ['a\0b', { deep: 'x\ud800y\udc00' }] });
    expect(JSON.parse(recordText(record))).toEqual({ 'n\uFFFD': ['a\uFFFDb', { deep: 'x\uFFFDy\uFFFD' }] });
  });

  test('keeps whole pairs and other control characters beside a NUL', () => {
    const record = JSON.stringify({ text: '\u{1F409}\u0001\0' });
    expect(JSON.parse(recordText(record))).toEqual({ text: '\u{1F409}\u0001\uFFFD' });
  });
});
