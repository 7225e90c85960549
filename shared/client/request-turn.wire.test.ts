import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleSessionId, sampleTurnDocument, sampleTurnId } from '../testing/sample-turn-stream.ts';
import {
  answerJson,
  answerProblem,
  breakOff,
  type ScriptedAnswer,
  type ScriptedServer,
  startScriptedServer,
} from '../testing/scripted-server.ts';
import { type ClientOptions, createTurnledgerClient, TurnledgerProblem } from './index.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const retry = { maxRetries: 3, firstPauseMs: 1, maxPauseMs: 5 };
const client = (over: Partial<ClientOptions> = {}) => createTurnledgerClient({ baseUrl: server.url, retry, ...over });

const turn = { ...sampleTurnDocument(), tokens_used: 12, completion_time: 0.04, log_position: 'p2', links: {} };
const keysSeen = () => server.seen.map(({ headers }) => headers['idempotency-key']);
const bodySeen = () => JSON.parse(server.seen[0]?.body ?? 'null');
const problemOf = (action: Promise<unknown>) =>
  action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

describe('generateResponse', () => {
  test('sends the names of the wire and gives ours', async () => {
    server.play(answerJson(200, turn));
    const reply = await client({ token: 'secret' }).generateResponse('Where were you at 22:40?', {
      sessionId: sampleSessionId,
      playerId: 'player-7',
      maxTokens: 150,
      topP: 0.5,
      metadata: { quest_line: 'harbour' },
      state: { rev: 7, data: { clueCount: 2 } },
    });
    expect(server.seen).toMatchObject([
      {
        method: 'POST',
        path: '/llm/generate',
        headers: { accept: 'application/json', authorization: 'Bearer secret' },
      },
    ]);
    expect(bodySeen()).toEqual({
      prompt: 'Where were you at 22:40?',
      session_id: sampleSessionId,
      player_id: 'player-7',
      max_tokens: 150,
      top_p: 0.5,
      metadata: { quest_line: 'harbour' },
      state: { rev: 7, data: { clueCount: 2 } },
    });
    expect(reply).toMatchObject({
      id: sampleTurnId,
      response: 'At the customs house.',
      usage: { promptTokens: 7, completionTokens: 5, totalTokens: 12 },
      metadata: { quest_line: 'harbour' },
      logPosition: 'p2',
    });
    expect(reply).not.toHaveProperty('output');
  });

  test('sends a state as a patch where the game has one, with what it was made against', async () => {
    server.play(answerJson(200, turn));
    const patch = [{ op: 'add', path: '/clues/-', value: { foundIn: 'hall' } }] as const;
    await client().generateResponse('x', { state: { rev: 8, patch, baseRev: 7 } });
    expect(bodySeen()).toEqual({ prompt: 'x', state: { rev: 8, patch, base_rev: 7 } });
  });

  test('asks for its token before every try', async () => {
    server.play(answerProblem(503, { code: 'store_unavailable' }, true), answerJson(200, turn));
    let asked = 0;
    await client({ token: async () => `token-${++asked}` }).generateResponse('x');
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('passes on what the game itself throws for its token', async () => {
    const thrown = new TypeError('no token');
    const token = () => Promise.reject(thrown);
    await expect(client({ token }).generateResponse('x')).rejects.toBe(thrown);
  });

  test.each<[string, ScriptedAnswer]>([
    ['a connection that breaks', breakOff],
    ['503 outcome_unknown', answerProblem(503, { code: 'outcome_unknown' }, true)],
    [
      'a body that is cut',
      (response) => response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
    ],
  ])('meets %s with the same key and body', async (_what, trouble) => {
    server.play(trouble, trouble, answerJson(200, turn));
    expect(await client().generateResponse('x')).toMatchObject({ status: 'completed' });
    const [key] = keysSeen();
    expect(key).toMatch(/^"[0-9a-f-]{36}"$/);
    expect(keysSeen()).toEqual([key, key, key]);
    expect(new Set(server.seen.map(({ body }) => body)).size).toBe(1);
  });

  test('makes one key an action', async () => {
    server.play(answerJson(200, turn));
    await client().generateResponse('x');
    await client().generateResponse('x');
    expect(new Set(keysSeen()).size).toBe(2);
  });

  test('never asks again when the service says that it cannot help', async () => {
    server.play(answerProblem(503, { code: 'outcome_unknown', turn_id: sampleTurnId }, false));
    await expect(client().generateResponse('x')).rejects.toMatchObject({ code: 'outcome_unknown', retryable: false });
    expect(server.seen).toHaveLength(1);
  });

  test('gives up after its retries, with the key to ask again by', async () => {
    server.play(breakOff);
    const problem = await problemOf(client().generateResponse('x', { idempotencyKey: 'press "7"' }));
    expect(problem).toBeInstanceOf(TurnledgerProblem);
    expect(problem).toMatchObject({
      code: 'network_failed',
      status: undefined,
      retryable: true,
      idempotencyKey: 'press "7"',
    });
    expect(keysSeen()).toEqual(Array(1 + retry.maxRetries).fill('"press \\"7\\""'));
  });

  test('waits as long as Retry-After says, and not at all when that is too long', async () => {
    const busy = answerProblem(503, { code: 'store_unavailable' }, true, { 'retry-after': '1' });
    server.play(busy);
    const impatient = client({ retry: { ...retry, maxRetryAfterMs: 500 } });
    await expect(impatient.generateResponse('x')).rejects.toMatchObject({
      code: 'store_unavailable',
      retryAfterMs: 1_000,
    });
    expect(server.seen).toHaveLength(1);

    const startedMs = performance.now();
    server.play(busy, answerJson(200, turn));
    await client().generateResponse('x');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(999);
  });

  test('rejects for a bad ending, with everything the service said', async () => {
    const members = {
      code: 'turn_failed',
      title: 'The turn ended without a usable answer',
      detail: 'model_unavailable',
      trace_id: 't1',
      turn_id: sampleTurnId,
      session_id: sampleSessionId,
      reason: 'model_unavailable',
      fallback: 'Not now.',
    };
    server.play(answerProblem(502, members, false));
    await expect(client().generateResponse('x')).rejects.toMatchObject({
      name: 'TurnledgerProblem',
      message: 'The turn ended without a usable answer: model_unavailable',
      code: 'turn_failed',
      status: 502,
      traceId: 't1',
      turnId: sampleTurnId,
      sessionId: sampleSessionId,
      reason: 'model_unavailable',
      fallback: 'Not now.',
      errors: [],
      retryable: false,
    });
  });

  test('tells the fields that are wrong', async () => {
    const errors = [{ pointer: '/temperature', message: 'Too big' }];
    server.play(answerProblem(422, { code: 'request_invalid', errors }, false));
    await expect(client().generateResponse('x', { temperature: 9 })).rejects.toMatchObject({ errors });
  });

  test.each<[string, ScriptedAnswer]>([
    ['a page of something else', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['JSON that is no turn', answerJson(200, { ok: true })],
    ['JSON that is cut', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":')],
  ])('takes no %s for a reply', async (_what, answer) => {
    server.play(answer);
    const problem = { code: 'answer_unreadable', idempotencyKey: expect.stringMatching(/./) };
    await expect(client().generateResponse('x')).rejects.toMatchObject(problem);
    expect(server.seen).toHaveLength(1);
  });
});
