import { describe, expect, test } from '@jest/globals';
import { visible, visibleJson, visibleText } from './visible.ts';

const sly = 'a\u001b[2J\u009b2Jb\u202ec\u2028d\u{e0041}';

describe('a foreign line', () => {
  test('has a sign in the place of each control and format character', () => {
    expect(visible(`${sly}\r\n\t`)).toBe('a�[2J�2Jb�c�d����');
  });

  test('is cut where it is told to be', () => {
    expect(visible('k'.repeat(100), 80)).toHaveLength(80);
  });
});

describe('a foreign text', () => {
  test('keeps its lines and tabs, and loses what moves the cursor', () => {
    expect(visibleText('one\r\ntwo\tthree\rfour\u001b[A')).toBe('one\ntwo\tthreefour�[A');
  });

  test('keeps the joiners that letters and pictures are written with', () => {
    expect(visibleText('می\u200cخواهم 👩\u200d🚀')).toBe('می\u200cخواهم 👩\u200d🚀');
  });
});

describe('JSON to print', () => {
  test('has no character that a terminal could obey, and says the same', () => {
    const value = { [sly]: [sly, 'plain', 7, null] };
    const line = visibleJson(value);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(line)).toEqual(value);
  });

  test('may be indented', () => {
    expect(visibleJson({ a: '\u009b' }, 2)).toBe('{\n  "a": "\\u009b"\n}');
  });
});
