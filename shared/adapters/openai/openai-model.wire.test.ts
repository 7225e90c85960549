import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Model } from '../../ports/index.ts';
import { modelRequest, readModel, saidBy } from '../../testing/model-contract.ts';
import { createOpenAiModel } from './openai-model.ts';

const SAID = 'Grüße, 旅人 🐉!';
const frame = (choices: readonly object[], more = {}) =>
  `data: ${JSON.stringify({ id: 'c', model: 'm', choices, ...more })}\n\n`;
const delta = (content: string) => frame([{ index: 0, delta: { content }, finish_reason: null }]);
const finish = frame([{ index: 0, delta: {}, finish_reason: 'stop' }]);
const BODY = Buffer.from(['Grü', 'ße, 旅', '人 ', '🐉!'].map(delta).join('') + finish);
const JSON_BODY = Buffer.from(JSON.stringify({ choices: [{ message: { content: SAID }, finish_reason: 'stop' }] }));

/** How the server answers: these bytes, then a clean end or a broken connection. */
let answer: { readonly type: string; readonly bytes: Buffer; readonly isCut: boolean };
let server: Server;
let model: Model;

beforeAll(async () => {
  server = createServer((message, response) => {
    message.resume();
    response.writeHead(200, { 'content-type': answer.type });
    if (answer.isCut) response.write(answer.bytes, () => response.socket?.destroySoon());
    else response.end(answer.bytes);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  model = createOpenAiModel({ baseUrl: `http://127.0.0.1:${port}/v1`, defaultModel: 'm' });
});
afterAll(
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
);

const endings = async (type: string, body: Buffer, isCut: boolean, isProven: (bytes: number) => boolean) => {
  const wrong: number[] = [];
  for (let bytes = 0; bytes <= body.length; bytes += 1) {
    answer = { type, bytes: body.subarray(0, bytes), isCut };
    const events = await readModel(model, modelRequest());
    const isEnded = events.at(-1)?.kind === 'ended';
    if (isEnded !== isProven(bytes) || (isEnded && saidBy(events) !== SAID)) wrong.push(bytes);
  }
  return wrong;
};

test.each([
  ['cleanly', false],
  ['by a broken connection', true],
])('a stream cut %s at any byte is ended only with its finish reason', async (_how, isCut) => {
  expect(await endings('text/event-stream', BODY, isCut, (bytes) => bytes === BODY.length)).toEqual([]);
});

test('a JSON answer cut cleanly at any byte is ended only when it is whole', async () => {
  expect(await endings('application/json', JSON_BODY, false, (bytes) => bytes === JSON_BODY.length)).toEqual([]);
});

test('a JSON answer whose connection breaks is never ended', async () => {
  expect(await endings('application/json', JSON_BODY, true, () => false)).toEqual([]);
});

const answered = async (body: string, type = 'text/event-stream') => {
  answer = { type, bytes: Buffer.from(body), isCut: false };
  return readModel(model, modelRequest());
};

test.each([
  [
    'an error in a stream',
    `${delta('Well')}data: {"error":{"message":"no","code":"rate_limit_exceeded"}}\n\n`,
    'model_rate_limited',
  ],
  ['a chunk of another shape', `${delta('Well')}data: {"choices":"none"}\n\n`, 'model_not_json'],
  ['a null', `data: null\n\n${finish}`, 'model_not_json'],
  ['text in parts', `${frame([{ index: 0, delta: { content: [{ text: 'a' }] } }])}${finish}`, 'model_not_json'],
  ['HTML that calls itself a stream', '<!doctype html>\n\n<p>Sign in\n\n', 'model_empty'],
  ['CR line ends', BODY.toString().replaceAll('\n', '\r'), 'model_empty'],
])('%s is a failure with a name', async (_name, body, code) => {
  expect((await answered(body)).at(-1)).toMatchObject({ kind: 'failed', code });
});

test('an error in a JSON answer is a failure with a name', async () => {
  const events = await answered('{"error":{"message":"full","type":"overloaded_error"}}', 'application/json');
  expect(events).toEqual([{ kind: 'failed', code: 'model_overloaded' }]);
});

test('a second choice is not mixed into the first', async () => {
  const other = frame([{ index: 1, delta: { content: 'Other' }, finish_reason: 'stop' }]);
  expect(saidBy(await answered(delta('One') + other + finish))).toBe('One');
});

test.each([
  { prompt_tokens: -1, completion_tokens: 'x' },
  // Each a whole number, and together more than a cost can be counted in.
  { prompt_tokens: Number.MAX_SAFE_INTEGER, completion_tokens: Number.MAX_SAFE_INTEGER },
])('nonsense in the bill costs the bill, not the reply: %j', async (usage) => {
  const events = await answered(delta('One') + finish + frame([], { usage }));
  expect(events.at(-1)).toEqual({ kind: 'ended', finishReason: 'stop', model: 'm', responseId: 'c' });
});
