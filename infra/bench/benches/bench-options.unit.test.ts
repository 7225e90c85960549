import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { flagOption, listOption, numberOption, readOptions, wordsOption } from './bench-options.ts';

const schema = z.strictObject({
  seconds: numberOption(0.1, 60, 3),
  clients: listOption(1, 500, [1, 50]),
  modes: wordsOption(['json', 'sse']),
  'without-portkey': flagOption,
});

describe('readOptions', () => {
  it('takes the defaults', () => {
    expect(readOptions(schema, [])).toEqual({
      seconds: 3,
      clients: [1, 50],
      modes: ['json', 'sse'],
      'without-portkey': false,
    });
  });

  it('reads numbers, lists, words and flags', () => {
    const args = ['--seconds', '0.5', '--clients', '10,200', '--modes', 'sse', '--without-portkey'];
    expect(readOptions(schema, args)).toEqual({
      seconds: 0.5,
      clients: [10, 200],
      modes: ['sse'],
      'without-portkey': true,
    });
  });

  it.each([
    ['a number out of its bounds', ['--seconds', '3600'], '--seconds'],
    ['a list with a bad member', ['--clients', '1,x'], '--clients'],
    ['a word that is none of them', ['--modes', 'xml'], '--modes'],
    ['an unknown name', ['--second', '3'], '--second'],
  ])('refuses %s', (_what, args, named) => {
    expect(() => readOptions(schema, args)).toThrow(named);
  });
});
