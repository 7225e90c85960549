import { describe, expect, test } from '@jest/globals';
import { isTurnledgerError, limits } from '../contracts/index.ts';
import { readEmbeddedConfig } from './config.ts';
import { priceTable } from './price-table.ts';

type Environment = { readonly [name: string]: string | undefined };

const naming = (endpoints: unknown): Environment => ({ TURNLEDGER_ENDPOINTS: JSON.stringify(endpoints) });
const endpointsIn = (env: Environment) => readEmbeddedConfig(env).endpoints;

function mistakesIn(env: Environment): readonly string[] {
  try {
    readEmbeddedConfig(env);
    return [];
  } catch (error) {
    if (!isTurnledgerError(error) || error.code !== 'config_invalid') throw error;
    return (error.extras.detail ?? '').split('\n');
  }
}

const local = { base_url: 'http://127.0.0.1:11434/v1', model: 'llama3' };

describe('TURNLEDGER_ENDPOINTS', () => {
  test('names endpoints beside the default one, which comes first', () => {
    expect([...endpointsIn(naming({ fast: local, stand_in: { kind: 'scripted', word_ms: 3 } }))]).toEqual([
      ['default', { kind: 'scripted', wordDelayMs: 15 }],
      ['fast', { kind: 'openai', baseUrl: local.base_url, name: 'llama3' }],
      ['stand_in', { kind: 'scripted', wordDelayMs: 3 }],
    ]);
  });

  test('takes a key from the variable that it names, which counts as its use', () => {
    const env = { ...naming({ fast: { ...local, api_key_env: 'OPENAI_API_KEY' } }), OPENAI_API_KEY: 'sk-1' };
    expect(endpointsIn(env).get('fast')).toMatchObject({ apiKey: 'sk-1' });
    expect(readEmbeddedConfig(env).hasUnusedApiKey).toBe(false);
  });

  test('may say that an endpoint takes a schema for its answers', () => {
    const strict = (structured_output: unknown) => naming({ fast: { ...local, structured_output } });
    expect(endpointsIn(strict(true)).get('fast')).toMatchObject({ structuredOutput: true });
    expect(endpointsIn(strict(false)).get('fast')).not.toHaveProperty('structuredOutput');
    expect(mistakesIn(strict('yes'))).toEqual(['TURNLEDGER_ENDPOINTS fast.structured_output must be true or false']);
  });

  test('says what the default one is where no other variable does', () => {
    expect([...endpointsIn(naming({ fast: local, default: local })).keys()]).toEqual(['default', 'fast']);
    expect(endpointsIn(naming({ default: local })).get('default')).toMatchObject({ name: 'llama3' });
  });

  test('gives prices a name, and cached input the price of input where it has none', () => {
    const prices = { llama3: { input_per_million_usd: 2, output_per_million_usd: 3 } };
    const table = priceTable({
      llama3: { inputPerMillionUsd: 2, cachedInputPerMillionUsd: 2, outputPerMillionUsd: 3 },
    });
    expect(endpointsIn(naming({ fast: { ...local, prices } })).get('fast')).toMatchObject({ prices: table });
  });

  test('a scripted endpoint speaks at the pace of the default one unless it has its own', () => {
    const env = { ...naming({ stand_in: { kind: 'scripted' } }), TURNLEDGER_SCRIPTED_WORD_MS: '2' };
    expect(endpointsIn(env).get('stand_in')).toEqual({ kind: 'scripted', wordDelayMs: 2 });
  });
});

describe('a mistake in TURNLEDGER_ENDPOINTS', () => {
  const many = Object.fromEntries(
    Array.from({ length: limits.model.maxEndpoints + 1 }, (_, index) => [`e${index}`, local]),
  );
  test.each<[string, Environment, RegExp]>([
    ['no JSON', { TURNLEDGER_ENDPOINTS: '{' }, /must be a JSON object/],
    ['a list', naming([local]), /must be a JSON object/],
    ['a name with a capital', naming({ Fast: local }), /has a name that is not/],
    ['no address', naming({ fast: { model: 'a' } }), /fast\.base_url must be an http or https URL/],
    ['no URL', naming({ fast: { ...local, base_url: 'localhost:1' } }), /fast\.base_url must be an http or https URL/],
    ['no model', naming({ fast: { base_url: local.base_url } }), /fast\.model /],
    ['a field that is none', naming({ fast: { ...local, api_key: 'x' } }), /fast /],
    ['a key in place of its variable', naming({ fast: { ...local, api_key_env: 'sk-live-1' } }), /api_key_env must be/],
    ['a variable that is not set', naming({ fast: { ...local, api_key_env: 'FAST_KEY' } }), /names a variable that is/],
    ['a variable that is empty', { ...naming({ fast: { ...local, api_key_env: 'K' } }), K: '' }, /names a variable/],
    ['a price below nothing', naming({ fast: { ...local, prices: { a: price(-1) } } }), /fast\.prices\.a\.input_per/],
    [
      'a price of a token',
      naming({ fast: { ...local, prices: { a: price(1_000_000) } } }),
      /fast\.prices\.a\.input_per/,
    ],
    ['too many', naming(many), /more than 16/],
    ['the default one said twice', { ...naming({ default: local }), OPENAI_BASE_URL: local.base_url }, /names default/],
    ['an unknown kind', naming({ fast: { ...local, kind: 'magic' } }), /fast\.kind /],
  ])('%s is told in one line', (_what, env, line) => {
    expect(mistakesIn(env)).toEqual([expect.stringMatching(line)]);
  });

  test('never repeats what may be a key', () => {
    const secret = 'sk_live_0123456789';
    const wrong = [
      { fast: { ...local, api_key_env: secret } },
      { fast: { ...local, api_key_env: `${secret}-x` } },
      { fast: { ...local, api_key: secret } },
      { fast: { ...local, base_url: secret } },
    ];
    expect(wrong.map((one) => mistakesIn(naming(one)).join()).join()).not.toContain(secret);
    expect(mistakesIn({ TURNLEDGER_ENDPOINTS: `{ "${secret}": ` }).join()).not.toContain(secret);
  });
});

function price(usd: number) {
  return { input_per_million_usd: usd, output_per_million_usd: 1 };
}
