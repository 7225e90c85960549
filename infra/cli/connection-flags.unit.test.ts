import { describe, expect, test } from '@jest/globals';
import { isTurnledgerError } from '@turnledger/shared/contracts';
import { type ConnectionFlags, readConnectionFlags } from './connection-flags.ts';

function mistakeIn(flags: ConnectionFlags): string | undefined {
  try {
    readConnectionFlags(flags);
    return undefined;
  } catch (error) {
    return isTurnledgerError(error) && error.code === 'config_invalid' ? error.extras.detail : String(error);
  }
}

describe('the flags of every command', () => {
  test('ask the Turnledger that npm start runs, for a person, unless told otherwise', () => {
    expect(readConnectionFlags({})).toEqual({ url: 'http://localhost:8080', token: undefined, isJson: false });
  });

  test('name another, whom it is asked as, and JSON', () => {
    expect(readConnectionFlags({ url: 'https://turns.example.org/llm/', token: 'a.b-c', json: true })).toEqual({
      url: 'https://turns.example.org/llm',
      token: 'a.b-c',
      isJson: true,
    });
  });

  test('count as absent when they are empty, as variables may be', () => {
    expect(readConnectionFlags({ url: '', token: '' })).toMatchObject({
      url: 'http://localhost:8080',
      token: undefined,
    });
  });

  test.each([
    'localhost:8080',
    'ftp://localhost',
    'http://somebody:hunter2@localhost',
    'http://localhost/?a=hunter2',
    'http://localhost/#hunter2',
  ])('refuse the URL %s, without repeating it', (url) => {
    expect(mistakeIn({ url })).toMatch(/^--url /);
    expect(mistakeIn({ url })).not.toContain('hunter2');
  });

  test.each(['hunter2 ', 'hunter2\n', 'hünter2'])('refuse the token %j, without repeating it', (token) => {
    expect(mistakeIn({ token })).toMatch(/^--token /);
    expect(mistakeIn({ token })).not.toContain('nter2');
  });
});
