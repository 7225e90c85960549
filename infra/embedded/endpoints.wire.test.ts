import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sessionStream } from '@turnledger/shared/contracts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type HttpCalls, type HttpReply, httpCalls } from './testing/http-calls.ts';
import { eventRows } from './testing/stored-rows.ts';

const prices = { input_per_million_usd: 2, cached_input_per_million_usd: 1, output_per_million_usd: 10 };

let fast: ModelTwin;
let strong: ModelTwin;
let turnledger: EmbeddedProcess;
let calls: HttpCalls;

beforeAll(async () => {
  [fast, strong] = await Promise.all([startModelTwin({ host: '127.0.0.1' }), startModelTwin({ host: '127.0.0.1' })]);
  const endpoints = {
    fast: { base_url: fast.url, api_key_env: 'FAST_KEY', model: 'twin-fast' },
    strong: {
      base_url: strong.url,
      api_key_env: 'STRONG_KEY',
      model: 'twin-strong',
      prices: { 'twin-strong': prices },
    },
  };
  turnledger = await startEmbeddedProcess({
    env: {
      TURNLEDGER_ENDPOINTS: JSON.stringify(endpoints),
      FAST_KEY: 'sk-of-the-fast',
      STRONG_KEY: 'sk-of-the-strong',
      TURNLEDGER_SCRIPTED_WORD_MS: '0',
    },
  });
  calls = httpCalls(turnledger.url);
  const models = [
    { name: 'default', endpoint: 'fast', weight: 1 },
    { name: 'default', endpoint: 'strong', weight: 3 },
  ];
  await calls.post('/llm/configure', { scenario_id: 'falling', strategy: 'fallback', models });
  await calls.post('/llm/configure', { scenario_id: 'drawn', strategy: 'weighted', models });
});
beforeEach(() => {
  fast.reset();
  strong.reset();
});
afterAll(async () => {
  await endEmbedded();
  await Promise.all([fast.close(), strong.close()]);
});

const ask = (scenario_id: string) => calls.generate({ prompt: 'Where were you?', scenario_id });

interface StoredData {
  readonly calls: readonly { readonly endpoint: string; readonly model: string }[];
  readonly [name: string]: unknown;
}

const dataOf = async ({ body }: HttpReply, type: string): Promise<readonly StoredData[]> =>
  (await eventRows(turnledger.dataDir, sessionStream(body.session_id)))
    .filter((row) => row.type === type)
    .map(({ data }) => JSON.parse(data));

const askedOf = async (reply: HttpReply) =>
  (await dataOf(reply, 'TurnStarted')).flatMap((data) => data.calls.map(({ endpoint, model }) => [endpoint, model]));

test('the start names every endpoint and what answers there, and no key', () => {
  expect(turnledger.stdout()).toMatch(/model +scripted/);
  expect(turnledger.stdout()).toContain('twin-fast at the endpoint fast');
  expect(turnledger.stdout()).toContain('twin-strong at the endpoint strong');
  expect(turnledger.stdout() + turnledger.stderr()).not.toContain('sk-of');
});

test('a scenario that names no endpoint is answered at the default one', async () => {
  expect((await ask('default')).body.model).toBe('scripted');
});

test('an endpoint that nobody configured is refused', async () => {
  const models = [{ name: 'x', endpoint: 'elsewhere' }];
  const reply = await calls.post('/llm/configure', { scenario_id: 'lost', models });
  expect(reply).toMatchObject({ status: 422, body: { code: 'endpoint_unknown' } });
});

test('each endpoint is asked with its own key', async () => {
  fast.plan({ fault: { kind: 'status', status: 503 } });
  await ask('falling');
  expect(fast.calls[0]?.headers.authorization).toBe('Bearer sk-of-the-fast');
  expect(strong.calls[0]?.headers.authorization).toBe('Bearer sk-of-the-strong');
});

test.each([
  { what: 'that is overloaded', fault: { kind: 'status', status: 503 } },
  { what: 'that asks to wait ten minutes', fault: { kind: 'status', status: 429, retryAfter: '600' } },
  { what: 'that does not know the key', fault: { kind: 'status', status: 401 } },
  { what: 'that closes the connection', fault: { kind: 'close' } },
] as const)('fallback: an endpoint $what is followed by the next, at once', async ({ fault }) => {
  fast.plan({ fault });
  strong.plan({ text: 'At the harbour.' });
  const askedAtMs = performance.now();
  const reply = await ask('falling');
  expect(reply).toMatchObject({ status: 200, body: { response: 'At the harbour.', attempts: 2 } });
  expect(performance.now() - askedAtMs).toBeLessThan(5_000);
  expect(await askedOf(reply)).toEqual([
    ['fast', 'twin-fast'],
    ['strong', 'twin-strong'],
  ]);
  expect([fast.totalCalls, strong.totalCalls]).toEqual([1, 1]);
});

test('fallback: a text that is not to be answered is not carried elsewhere', async () => {
  fast.plan({ finishReason: 'content_filter' });
  const reply = await ask('falling');
  expect(reply).toMatchObject({ status: 502, body: { reason: 'model_content_filtered' } });
  expect(strong.totalCalls).toBe(0);
});

test('weighted: the draw of each turn is SHA-256 of turn and attempt over the weights, and both are drawn', async () => {
  const replies = await Promise.all(Array.from({ length: 24 }, () => ask('drawn')));
  const drawn = await Promise.all(replies.map(askedOf));
  const expected = replies.map(({ body }) => {
    const first = createHash('sha256').update(`${body.id}:1`).digest().readUInt32BE(0);
    return [(first / 2 ** 32) * 4 < 1 ? ['fast', 'twin-fast'] : ['strong', 'twin-strong']];
  });
  expect(drawn).toEqual(expected);
  expect([fast.totalCalls, strong.totalCalls]).toEqual([
    expected.filter(([one]) => one?.[0] === 'fast').length,
    expected.filter(([one]) => one?.[0] === 'strong').length,
  ]);
});

test('a call costs what its operator said, in whole micro-dollars, under the name of that table', async () => {
  fast.plan({ fault: { kind: 'status', status: 503 } });
  const reply = await ask('falling');
  const [completed] = await dataOf(reply, 'TurnCompleted');
  const usage = completed?.usage as { input: number; cached: number; output: number };
  expect(completed).toMatchObject({
    costMicroUsd: Math.round((usage.input - usage.cached) * 2 + usage.cached + usage.output * 10),
    priceTable: expect.stringMatching(/^operator_[0-9a-f]{8}$/),
  });
  expect(usage.output).toBeGreaterThan(0);
});

test('a call whose price nobody said has no cost, which is not the same as none', async () => {
  const models = [{ name: 'twin-strong-2', endpoint: 'strong' }];
  await calls.post('/llm/configure', { scenario_id: 'unpriced', models });
  strong.plan({ text: 'Yes.' });
  const [completed] = await dataOf(await ask('unpriced'), 'TurnCompleted');
  expect(completed?.priceTable).toBe('none');
  expect(completed).not.toHaveProperty('costMicroUsd');
});
