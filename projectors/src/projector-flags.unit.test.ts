import { describe, expect, test } from '@jest/globals';
import { readProjectorFlags } from './projector-flags.ts';
import { loopNames } from './run-loops.ts';

describe('--only', () => {
  test.each([
    [[], loopNames],
    [['--only', 'relay'], ['relay']],
    [
      ['--only', 'relay', '--only', 'read-models'],
      ['read-models', 'relay'],
    ],
    [
      ['--only=expire-turns,relay', '--only', 'relay'],
      ['relay', 'expire-turns'],
    ],
  ])('%j runs %j', (args, names) => {
    expect(readProjectorFlags(args)).toEqual(names);
  });

  test.each([[['--only', 'everything']], [['--only']], [['--onyl', 'relay']], [['relay']], [['--only', '']]])(
    '%j is a mistake',
    (args) => {
      expect(() => readProjectorFlags(args)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    },
  );
});
