import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleTurnDocument } from '../testing/sample-turn-stream.ts';
import { answerJson, breakOff, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.ts';
import { type ClientOptions, createTurnledgerClient } from './index.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const retry = { maxRetries: 3, firstPauseMs: 1, maxPauseMs: 5 };
const client = (over: Partial<ClientOptions> = {}) => createTurnledgerClient({ baseUrl: server.url, retry, ...over });

const turn = { ...sampleTurnDocument(), tokens_used: 12, completion_time: 0.04, log_position: 'p2', links: {} };
const configured = { scenario_id: 'default', version: 4, config_hash: 'h', log_position: 'p' };
const bodySeen = () => JSON.parse(server.seen[0]?.body ?? 'null');

describe('configureModel', () => {
  test('takes the full form', async () => {
    server.play(answerJson(201, configured));
    const moves = { mode: 'optional', schema: { maxLength: 4 } } as const;
    expect(await client().configureModel({ scenarioId: 'a', turns: { onBusy: 'interrupt' }, moves })).toEqual({
      scenarioId: 'default',
      version: 4,
      configHash: 'h',
      logPosition: 'p',
    });
    expect(bodySeen()).toEqual({ scenario_id: 'a', turns: { on_busy: 'interrupt' }, moves });
  });

  test('takes the flat form, with the version that was edited as a guard', async () => {
    server.play(answerJson(201, configured));
    await client().configureModel({ model: 'm', maxTokens: 90, expectedVersion: 3 });
    expect(bodySeen()).toEqual({ model: 'm', max_tokens: 90 });
    expect(server.seen[0]?.headers['if-match']).toBe('"3"');
  });

  test('repeats a guarded change whose answer was lost: the service knows its own version again', async () => {
    server.play(breakOff, answerJson(200, configured));
    await client().configureModel({ model: 'm', expectedVersion: 3 });
    expect(server.seen.map(({ headers }) => headers['if-match'])).toEqual(['"3"', '"3"']);
  });
});

describe('what cannot be sent', () => {
  test.each(['', 'ключ', 'a\nb', 'x'.repeat(256)])('is refused before it is: the key %j', async (idempotencyKey) => {
    server.play(answerJson(200, turn));
    await expect(client().generateResponse('x', { idempotencyKey })).rejects.toMatchObject({ code: 'request_invalid' });
    expect(server.seen).toEqual([]);
  });

  test('is refused before it is: a state that is no JSON', async () => {
    const data: { [name: string]: never } = {};
    Object.assign(data, { data });
    await expect(client().generateResponse('x', { state: { rev: 1, data } })).rejects.toMatchObject({
      code: 'request_invalid',
    });
  });

  test.each(['localhost', 'file:///etc'])('is refused at once: the address %s', (baseUrl) => {
    expect(() => client({ baseUrl })).toThrow(expect.objectContaining({ code: 'request_invalid' }));
  });
});

test('a base URL keeps its path', async () => {
  server.play(answerJson(200, turn));
  await client({ baseUrl: `${server.url}/turns//` }).generateResponse('x');
  expect(server.seen[0]?.path).toBe('/turns/llm/generate');
});
