import { describe, expect, test } from '@jest/globals';
import { TurnledgerProblem } from '@turnledger/shared/client';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { CommanderError, InvalidArgumentError } from 'commander';
import { exitCodeOf, lineOf, wrongUse } from './exit-codes.ts';

const url = 'http://localhost:8080';
const refused = Object.assign(new TypeError('fetch failed'), {
  cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
});
const away = new TurnledgerProblem('network_failed', { cause: refused });

test.each([
  [new TurnledgerProblem('session_not_found', { status: 404 }), 1],
  [new TurnledgerProblem('http_502', { status: 502 }), 1],
  [new TurnledgerProblem('answer_unreadable'), 1],
  [new TurnledgerError('invariant_broken'), 1],
  [new TypeError('something broke'), 1],
  [wrongUse('--url is none'), 2],
  [new InvalidArgumentError('It must be from 1 to 10.'), 2],
  [away, 69],
  [new TurnledgerProblem('stream_lost'), 69],
  [new CommanderError(0, 'commander.version', '0.1.0'), 0],
])('%s ends the command with %i', (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

describe('an error in one line', () => {
  test('is the code, and what is special about it', () => {
    const title = 'There is no such session';
    expect(lineOf(new TurnledgerProblem('session_not_found', { title }), url)).toBe(`session_not_found: ${title}`);
  });

  test('names the wrong fields that the detail does not', () => {
    const errors = [
      { pointer: '/from', message: 'is no date' },
      { pointer: '/to', message: 'is too far' },
    ];
    const problem = new TurnledgerProblem('request_invalid', { title: 'Wrong', detail: '/from: is no date', errors });
    expect(lineOf(problem, url)).toBe('request_invalid: Wrong: /from: is no date; /to is too far');
  });

  test('says of nobody where that was, and why', () => {
    expect(lineOf(away, url)).toBe(
      'nobody answers at http://localhost:8080 (ECONNREFUSED); npm start runs one, --url names another',
    );
  });

  test('lets nothing through that a terminal could obey', () => {
    const sly = new TurnledgerProblem('http_500', { detail: 'gone\u001b[2J\nfake: line' });
    expect(lineOf(sly, url)).toBe('http_500: http_500: gone�[2J�fake: line');
  });
});
