import { describe, expect, test } from '@jest/globals';
import { faultNames } from './twin-behaviour.ts';
import { readTwinFlags, TWIN_USAGE } from './twin-flags.ts';

describe('the twin from the command line', () => {
  test('starts on 127.0.0.1:9900 and behaves well without a flag', () => {
    expect(readTwinFlags([])).toEqual({ outcome: 'start', host: '127.0.0.1', port: 9_900, behaviour: {} });
  });

  test('takes its pace, its text and a fault from flags', () => {
    const flags = [
      '--port',
      '0',
      '--latency',
      '5',
      '--first-token',
      '6',
      '--token-delay',
      '7',
      '--text',
      'Yes.',
      '--fault',
      'reset',
    ];
    expect(readTwinFlags(flags)).toMatchObject({
      port: 0,
      behaviour: { latencyMs: 5, firstTokenMs: 6, tokenDelayMs: 7, text: 'Yes.', fault: { kind: 'reset' } },
    });
  });

  test('answers with one status', () => {
    expect(readTwinFlags(['--status', '503'])).toMatchObject({ behaviour: { fault: { kind: 'status', status: 503 } } });
  });

  test('takes the rest as JSON, under the flags', () => {
    expect(readTwinFlags(['--behaviour', '{"text":"No.","finishReason":"length"}', '--text', 'Yes.'])).toMatchObject({
      behaviour: { text: 'Yes.', finishReason: 'length' },
    });
  });

  test.each([
    [['--port', 'abc'], '--port must be a whole number from 0 to 65535'],
    [['--port', ''], '--port must be'],
    [['--latency', 'soon'], '--latency must be a whole number from 0 to 600000'],
    [['--status', '99'], '--status must be'],
    [['--fault', 'nope'], '--fault nope is not one of them: close, '],
    [['--fault', 'status'], 'use --status 503'],
    [['--status', '503', '--fault', 'reset'], 'cannot stand together'],
    [['--behaviour', '{"colour":1}'], '--behaviour'],
    [['--bogus'], '--bogus'],
    [['extra'], 'extra'],
  ])('names the mistake in %j', (args, message) => {
    expect(readTwinFlags(args)).toEqual({ outcome: 'mistake', message: expect.stringContaining(message) });
  });

  test('names every mistake at once', () => {
    const read = readTwinFlags(['--port', 'abc', '--latency', 'soon']);
    expect(read.outcome === 'mistake' && read.message.split('\n')).toHaveLength(2);
  });

  test.each(['--help', '-h'])('helps: %s', (flag) => {
    expect(readTwinFlags([flag])).toEqual({ outcome: 'help' });
  });

  test('names every fault in its help', () => {
    expect(faultNames.filter((name) => !new RegExp(`\\b${name}\\b`).test(TWIN_USAGE))).toEqual([]);
  });
});
