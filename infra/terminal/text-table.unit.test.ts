import { expect, test } from '@jest/globals';
import { textTable } from './text-table.ts';

test('columns are as wide as their widest cell, and lines end where their text does', () => {
  expect(
    textTable([
      ['session', 'turns'],
      ['a', '12'],
      ['a-long-one', ''],
    ]),
  ).toEqual(['session     turns', 'a           12', 'a-long-one']);
});

test('a column starts at the same place behind wide letters, and behind marks that stand on others', () => {
  expect(
    textTable([
      ['漢字', 'a'],
      ['e\u0301', 'b'],
      ['ﾊ😀', 'c'],
      ['four', 'd'],
    ]),
  ).toEqual(['漢字  a', 'e\u0301     b', 'ﾊ😀   c', 'four  d']);
});

test('no rows are no lines', () => {
  expect(textTable([])).toEqual([]);
});

test('a foreign cell brings no control character, and is not shown whole when it is long', () => {
  expect(textTable([[`\u001b[2J${'k'.repeat(100)}`, 'end']])).toEqual([`�[2J${'k'.repeat(76)}  end`]);
});
