import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createOpenAiModel } from '@turnledger/shared/adapters/openai';
import type { Model } from '@turnledger/shared/ports';
import { modelRequest, readModel, saidBy, sampleCallId } from '@turnledger/shared/testing';
import { type ModelTwin, startModelTwin } from './index.ts';

let twin: ModelTwin;
let model: Model;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  model = createOpenAiModel({ baseUrl: twin.url, apiKey: 'sk-of-ours', defaultModel: 'twin-1' });
});
afterEach(() => twin.reset());
afterAll(() => twin.close());

describe('a good answer', () => {
  test('comes as deltas and ends with the bill and what the provider says of itself', async () => {
    twin.plan({
      text: 'Be welcome, traveller.',
      tokenDelayMs: 1,
      usage: { input: 40, output: 6, cached: 32, reasoning: 2 },
    });
    const events = await readModel(model, modelRequest());
    // What arrives together is one delta, so how many there are is the network's to say.
    expect(events.some(({ kind }) => kind === 'delta')).toBe(true);
    expect(saidBy(events)).toBe('Be welcome, traveller.');
    expect(events.at(-1)).toEqual({
      kind: 'ended',
      finishReason: 'stop',
      model: 'some-model',
      responseId: expect.stringMatching(/^chatcmpl-twin-/),
      fingerprint: 'fp_twin',
      usage: { input: 40, cached: 32, output: 6, reasoning: 2 },
    });
  });

  test('is asked for once, with everything that was set', async () => {
    const asked = modelRequest('Hello', { temperature: 0.5, topP: 0.9, maxTokens: 100, stop: ['END'] });
    await readModel(model, asked);
    expect(twin.totalCalls).toBe(1);
    expect(JSON.parse(twin.calls[0]?.body ?? '')).toEqual({
      model: asked.model,
      messages: asked.messages,
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 100,
      stop: ['END'],
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test('without a bill has no usage', async () => {
    twin.plan({ usage: 'absent' });
    expect((await readModel(model, modelRequest())).at(-1)).not.toHaveProperty('usage');
  });

  test('may stop at the length', async () => {
    twin.plan({ finishReason: 'length' });
    expect((await readModel(model, modelRequest())).at(-1)).toMatchObject({ kind: 'ended', finishReason: 'length' });
  });

  test('may come in one piece from a server that does not stream', async () => {
    twin.plan({ text: 'All at once.', fault: { kind: 'plain_json' } });
    const events = await readModel(model, modelRequest());
    expect(events).toMatchObject([
      { kind: 'delta', text: 'All at once.' },
      { kind: 'ended', finishReason: 'stop', usage: { cached: 0 } },
    ]);
  });

  test.each([
    ['split anywhere, also inside a character', { text: 'Grüße, 旅人 🐉!', fault: { kind: 'split_bytes' } }],
    ['with more than one [DONE]', { text: 'Grüße, 旅人 🐉!', fault: { kind: 'duplicate_done' } }],
    ['that is over but never ends', { text: 'Grüße, 旅人 🐉!', fault: { kind: 'done_without_end' } }],
  ] as const)('is whole when it comes %s', async (_name, behaviour) => {
    twin.plan(behaviour);
    const events = await readModel(model, modelRequest());
    expect(saidBy(events)).toBe('Grüße, 旅人 🐉!');
    expect(events.at(-1)).toMatchObject({ kind: 'ended', usage: { output: 3 } });
  });
});

test('a reply whose bill never comes is not lost', async () => {
  twin.plan({ text: 'Said and done.', fault: { kind: 'stall_after_finish' } });
  const events = await readModel(model, modelRequest());
  expect(saidBy(events)).toBe('Said and done.');
  expect(events.at(-1)).toEqual(expect.objectContaining({ kind: 'ended', finishReason: 'stop' }));
  expect(events.at(-1)).not.toHaveProperty('usage');
});

test('a reply without any text has cost what it cost: the failure carries the bill', async () => {
  twin.plan({ text: ' \n', usage: { input: 9, output: 1 } });
  const events = await readModel(model, modelRequest());
  expect(events.at(-1)).toMatchObject({ kind: 'failed', code: 'model_empty', usage: { input: 9 } });
});

describe('connections', () => {
  test('are used again, also after a refusal', async () => {
    const own = await startModelTwin({ host: '127.0.0.1' });
    const patient = createOpenAiModel({ baseUrl: own.url, defaultModel: 'twin-1' });
    for (let call = 0; call < 5; call += 1) await readModel(patient, modelRequest());
    own.plan({ fault: { kind: 'status', status: 500 } });
    for (let call = 0; call < 5; call += 1) await readModel(patient, modelRequest());
    expect(own.totalCalls).toBe(10);
    // The rest of a refusal is read a turn of the loop after its answer, so the next call may need a second connection.
    expect(own.openSockets()).toBeLessThanOrEqual(2);
    await own.close();
  });
});

describe('the environment', () => {
  const poison = {
    OPENAI_API_KEY: 'sk-of-somebody',
    OPENAI_ADMIN_KEY: 'sk-admin',
    OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
    OPENAI_ORG_ID: 'org-of-somebody',
    OPENAI_PROJECT_ID: 'proj-of-somebody',
    OPENAI_CUSTOM_HEADERS: 'x-stolen: yes',
    OPENAI_LOG: 'debug',
  };
  afterEach(() => {
    for (const name of Object.keys(poison)) delete process.env[name];
  });

  test.each([
    ['our key', 'sk-of-ours'],
    ['no key', undefined],
  ])('changes nothing with %s', async (_name, apiKey) => {
    Object.assign(process.env, poison);
    const poisoned = createOpenAiModel({
      baseUrl: twin.url,
      defaultModel: 'twin-1',
      ...(apiKey === undefined ? {} : { apiKey }),
    });
    expect((await readModel(poisoned, modelRequest())).at(-1)).toMatchObject({ kind: 'ended' });
    const { host: _host, 'content-length': _length, ...headers } = twin.calls[0]?.headers ?? {};
    expect(headers).toEqual({
      accept: 'text/event-stream, application/json',
      'content-type': 'application/json',
      'user-agent': 'turnledger',
      connection: 'keep-alive',
      'x-client-request-id': sampleCallId,
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    });
  });
});
