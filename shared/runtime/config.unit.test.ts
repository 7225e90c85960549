import { describe, expect, it } from '@jest/globals';
import { isTurnledgerError } from '../contracts/index.ts';
import { readEmbeddedConfig } from './config.ts';

type Environment = { readonly [name: string]: string | undefined };

/** The lines that an environment is refused with; none when it is taken. */
function mistakesIn(env: Environment): readonly string[] {
  try {
    readEmbeddedConfig(env);
    return [];
  } catch (error) {
    if (!isTurnledgerError(error) || error.code !== 'config_invalid') throw error;
    return (error.extras.detail ?? '').split('\n');
  }
}

const key = Buffer.alloc(32, 7);

describe('the configuration', () => {
  it('is complete without a single variable', () => {
    expect(readEmbeddedConfig({})).toEqual({
      access: { host: '127.0.0.1', allowedHosts: ['localhost', '127.0.0.1', '[::1]'], jwtSecret: undefined },
      port: 8080,
      logLevel: 'warn',
      dataDir: '.turnledger',
      databaseUrl: undefined,
      masterKey: undefined,
      playerTurnsPerMinute: 0,
      endpoints: new Map([['default', { kind: 'scripted', wordDelayMs: 15 }]]),
      hasUnusedApiKey: false,
    });
  });

  it('takes what is set', () => {
    const env = {
      PORT: '0',
      LOG_LEVEL: 'debug',
      TURNLEDGER_DATA_DIR: '/data',
      TURNLEDGER_DATABASE: 'external',
      DATABASE_URL: 'postgres://db/turnledger',
      TURNLEDGER_MASTER_KEY: key.toString('base64'),
      TURNLEDGER_PLAYER_TURNS_PER_MINUTE: '12',
      TURNLEDGER_SCRIPTED_WORD_MS: '0',
    };
    expect(readEmbeddedConfig(env)).toMatchObject({
      port: 0,
      logLevel: 'debug',
      dataDir: '/data',
      databaseUrl: 'postgres://db/turnledger',
      masterKey: key,
      playerTurnsPerMinute: 12,
      endpoints: new Map([['default', { kind: 'scripted', wordDelayMs: 0 }]]),
    });
  });

  it('takes an empty variable for an absent one', () => {
    const names = [
      'PORT',
      'LOG_LEVEL',
      'OPENAI_API_KEY',
      'OPENAI_BASE_URL',
      'TURNLEDGER_MODEL',
      'TURNLEDGER_MASTER_KEY',
    ];
    const empty = Object.fromEntries(names.map((name) => [name, '']));
    expect(readEmbeddedConfig(empty)).toEqual(readEmbeddedConfig({}));
  });

  it('ignores what is not about it', () => {
    expect(mistakesIn({ HOME: '/root', PATH: '/bin', turnledger_model: 'x', MY_TURNLEDGER_X: 'y' })).toEqual([]);
    expect(mistakesIn({ TURNLEDGER_URL: 'http://localhost:8080', TURNLEDGER_TOKEN: 'a.b.c' })).toEqual([]);
  });

  it('leaves a database of the shell alone unless asked for it', () => {
    expect(readEmbeddedConfig({ DATABASE_URL: 'postgres://db/somebody-elses' }).databaseUrl).toBeUndefined();
  });
});

describe('a mistake', () => {
  it.each([
    [{ TURNLEDGER_MODLE: 'x' }, /^TURNLEDGER_MODLE /],
    [{ PORT: 'http' }, /^PORT must be a port number/],
    [{ PORT: '65536' }, /^PORT /],
    [{ PORT: '80.5' }, /^PORT /],
    [{ PORT: '-1' }, /^PORT /],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL /],
    [{ OPENAI_BASE_URL: 'ftp://models' }, /^OPENAI_BASE_URL must be an http or https URL/],
    [{ OPENAI_BASE_URL: 'localhost:11434' }, /^OPENAI_BASE_URL must be an http or https URL/],
    [{ TURNLEDGER_DATABASE: 'postgres' }, /^TURNLEDGER_DATABASE must be embedded or external/],
    [{ TURNLEDGER_DATABASE: 'external' }, /DATABASE_URL is not set/],
    [{ TURNLEDGER_MASTER_KEY: 'not base64!' }, /^TURNLEDGER_MASTER_KEY must be 32 bytes/],
    [{ TURNLEDGER_MASTER_KEY: key.subarray(1).toString('base64') }, /^TURNLEDGER_MASTER_KEY must be 32 bytes/],
    [{ TURNLEDGER_SCRIPTED_WORD_MS: 'slow' }, /^TURNLEDGER_SCRIPTED_WORD_MS must be milliseconds/],
    [{ TURNLEDGER_MODEL: 'gpt-4o' }, /OPENAI_API_KEY is not set/],
  ])('is told in one line: %j', (env: Environment, line) => {
    expect(mistakesIn(env)).toEqual([expect.stringMatching(line)]);
  });

  it('is told beside all others, not after them, each in a line of its own', () => {
    const endpoints = {
      Fast: {},
      slow: { base_url: 'ftp://slow', model: 'm', prices: { m: { input: 1 } } },
      default: 1,
    };
    const env = {
      PORT: '65535.5',
      LOG_LEVEL: 'loud',
      OPENAI_BASE_URL: 'localhost',
      TURNLEDGER_ALLOWED_HOSTS: 'game.example:443',
      TURNLEDGER_DATABASE: 'external',
      TURNLEDGER_ENDPOINTS: JSON.stringify(endpoints),
      TURNLEDGER_HOST: 'here',
      TURNLEDGER_JWT_SECRET: 'short',
      TURNLEDGER_MASTER_KEY: 'short',
      TURNLEDGER_MODEL: 'm'.repeat(129),
      TURNLEDGER_PLAYER_TURNS_PER_MINUTE: '-6000.5',
      TURNLEDGER_SCRIPTED_WORD_MS: 'slow',
      TURNLEDGER_X: '1',
      'TURNLEDGER_Y\nZ': '2',
    };
    expect(mistakesIn(env)).toEqual([
      'TURNLEDGER_X is not a name Turnledger knows',
      'TURNLEDGER_Y Z is not a name Turnledger knows',
      'PORT must be a port number from 0 to 65535',
      'LOG_LEVEL must be one of debug, info, warn, error, silent',
      'OPENAI_BASE_URL must be an http or https URL',
      'TURNLEDGER_MODEL must have at most 128 characters',
      'TURNLEDGER_MASTER_KEY must be 32 bytes in base64',
      'TURNLEDGER_PLAYER_TURNS_PER_MINUTE must be turns from 0 to 6000',
      'TURNLEDGER_SCRIPTED_WORD_MS must be milliseconds from 0 to 10000',
      'TURNLEDGER_ENDPOINTS has a name that is not 1 to 64 of a-z 0-9 _ beginning with a letter',
      'TURNLEDGER_ENDPOINTS slow.base_url must be an http or https URL',
      'TURNLEDGER_ENDPOINTS slow.prices.m.input_per_million_usd must be US dollars',
      'TURNLEDGER_ENDPOINTS slow.prices.m.output_per_million_usd must be US dollars',
      'TURNLEDGER_ENDPOINTS slow.prices.m Unrecognized key: "input"',
      'TURNLEDGER_ENDPOINTS default Invalid input: expected object, received number',
      'TURNLEDGER_JWT_SECRET must have at least 32 bytes',
      'TURNLEDGER_ALLOWED_HOSTS must be host names without ports, apart by commas',
      'TURNLEDGER_HOST must be an IP address of this machine',
      'TURNLEDGER_DATABASE is external, but DATABASE_URL is not set',
    ]);
  });

  it('never repeats a secret', () => {
    const env = {
      TURNLEDGER_MASTER_KEY: 'hunter2',
      OPENAI_API_KEY: 'hunter2',
      TURNLEDGER_DATABASE: 'external',
      PORT: 'x',
    };
    expect(mistakesIn(env).join()).not.toContain('hunter2');
  });
});

describe('the model', () => {
  const modelIn = (env: Environment) => readEmbeddedConfig(env).endpoints.get('default');

  it('is not paid for because a key was lying about', () => {
    const config = readEmbeddedConfig({ OPENAI_API_KEY: 'sk-1' });
    expect(config.hasUnusedApiKey).toBe(true);
    expect(config.endpoints.get('default')).toMatchObject({ kind: 'scripted' });
  });

  it('is at the endpoint that is named, without a key where there is none', () => {
    const model = { kind: 'openai', baseUrl: 'http://localhost:11434/v1', name: 'gpt-4o-mini' };
    expect(modelIn({ OPENAI_BASE_URL: 'http://localhost:11434/v1' })).toEqual(model);
  });

  it('is the one that is named, at OpenAI', () => {
    const model = { kind: 'openai', baseUrl: 'https://api.openai.com/v1', name: 'gpt-4o', apiKey: 'sk-1' };
    expect(modelIn({ TURNLEDGER_MODEL: 'gpt-4o', OPENAI_API_KEY: 'sk-1' })).toEqual(model);
  });

  it('is the one that is named at the endpoint that is named', () => {
    const env = { TURNLEDGER_MODEL: 'llama3', OPENAI_BASE_URL: 'http://localhost:11434/v1' };
    expect(modelIn(env)).toMatchObject({ kind: 'openai', baseUrl: env.OPENAI_BASE_URL, name: 'llama3' });
  });

  it('is scripted when asked to be, whatever else is set', () => {
    const env = { TURNLEDGER_MODEL: 'scripted', OPENAI_BASE_URL: 'http://localhost:11434/v1', OPENAI_API_KEY: 'sk-1' };
    expect(modelIn(env)).toMatchObject({ kind: 'scripted' });
    expect(readEmbeddedConfig(env).hasUnusedApiKey).toBe(true);
  });
});
