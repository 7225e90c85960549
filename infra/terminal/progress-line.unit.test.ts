import { expect, test } from '@jest/globals';
import { ProgressLine } from './progress-line.ts';

function written(isTTY: boolean | undefined, tell: (line: ProgressLine) => void, columns = 80): string {
  let text = '';
  const output = { write: (piece: string) => (text += piece), columns, ...(isTTY !== undefined && { isTTY }) };
  tell(new ProgressLine(output));
  return text;
}

test('a line is written over, and erased once', () => {
  const text = written(true, (line) => {
    line.show('1 of 2');
    line.show('2 of 2\n');
    line.clear();
    line.clear();
  });
  expect(text).toBe('\r\u001b[2K1 of 2\r\u001b[2K2 of 2�\r\u001b[2K');
});

test.each([
  [10, '[####] 1 '],
  [0, '[####] 1 of 2'],
])(
  'of a terminal %i columns wide, which is 0 where nobody knows, it takes one row: a second one would stay',
  (columns, shown) => {
    expect(written(true, (line) => line.show('[####] 1 of 2'), columns)).toBe(`\r\u001b[2K${shown}`);
  },
);

test.each([false, undefined])('where isTTY is %j nothing is told', (isTTY) => {
  const text = written(isTTY, (line) => {
    line.show('1 of 2');
    line.clear();
  });
  expect(text).toBe('');
});
