import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type ModelTwin, startModelTwin } from './index.ts';
import { chosenBehaviour, faultNames } from './twin-behaviour.ts';

let twin: ModelTwin;
beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
});
afterEach(() => twin.reset());
afterAll(() => twin.close());

const ask = (
  content: string,
  { headers = {}, ...more }: { headers?: Record<string, string>; stream?: boolean; stream_options?: object } = {},
) =>
  fetch(`${twin.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...more }),
    redirect: 'manual',
  });

const framesOf = async (response: Response) =>
  (await response.text())
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: {'))
    .map((frame) => JSON.parse(frame.slice('data: '.length)));

describe('the wire', () => {
  test('lists its model', async () => {
    expect(await (await fetch(`${twin.url}/models`)).json()).toMatchObject({
      object: 'list',
      data: [{ object: 'model' }],
    });
  });

  test('answers in one piece', async () => {
    expect(await (await ask('Hello')).json()).toMatchObject({
      object: 'chat.completion',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Message 1 heard: Hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 },
    });
  });

  test('streams a role, tokens, a finish reason, and a bill when it is asked for', async () => {
    const frames = await framesOf(await ask('Hello', { stream: true, stream_options: { include_usage: true } }));
    expect(frames[0].choices[0].delta).toMatchObject({ role: 'assistant', content: '' });
    expect(
      frames
        .slice(1, -2)
        .map(({ choices }) => choices[0].delta.content)
        .join(''),
    ).toBe('Message 1 heard: Hello');
    expect(frames.at(-2).choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
    expect(frames.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 4 } });
  });

  test('sends no bill that nobody asked for', async () => {
    const frames = await framesOf(await ask('Hello', { stream: true }));
    expect(frames.filter((frame) => 'usage' in frame)).toEqual([]);
  });

  test.each([
    ['POST', '/elsewhere', 404],
    ['GET', '/chat/completions', 404],
    ['POST', '/chat/completions', 400],
  ])('%s %s without sense is %i', async (method, path, status) => {
    expect((await fetch(twin.url + path, { method })).status).toBe(status);
  });
});

describe('a behaviour', () => {
  test('can be planned for all that follow', async () => {
    twin.plan({ text: 'Planned.', finishReason: 'length', usage: { input: 1, output: 2, cached: 1, reasoning: 1 } });
    expect(await (await ask('Hello')).json()).toMatchObject({
      choices: [{ message: { content: 'Planned.' }, finish_reason: 'length' }],
      usage: {
        total_tokens: 3,
        prompt_tokens_details: { cached_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    });
  });

  test('can be planned by request', async () => {
    twin.plan(({ messages }) => ({ text: `${messages.length} so far` }));
    expect(await (await ask('Hello')).json()).toMatchObject({ choices: [{ message: { content: '1 so far' } }] });
  });

  test('can be chosen in the message, which is then repeated without it', async () => {
    const chosen = await ask('Hello [[twin: {"finishReason":"length"}]]');
    expect(await chosen.json()).toMatchObject({
      choices: [{ message: { content: 'Message 1 heard: Hello' }, finish_reason: 'length' }],
    });
  });

  test('can be chosen by the name of a fault alone', async () => {
    expect(await (await ask('Hello [[twin: html]]')).text()).toContain('<!doctype html>');
  });

  test.each(faultNames)('can be chosen by the name %s', (name) => {
    const behaviour = { fault: { kind: name } };
    expect(chosenBehaviour(undefined, `Hello [[twin: ${name}]]`)).toEqual({ outcome: 'chosen', behaviour });
  });

  test('can be chosen in a header, which goes before the message', async () => {
    const headers = { 'x-twin-behaviour': '{"text":"By header."}' };
    expect(await (await ask('[[twin: {"text":"By message."}]]', { headers })).json()).toMatchObject({
      choices: [{ message: { content: 'By header.' } }],
    });
  });

  test.each([
    '[[twin: {"colour":1}]]',
    '[[twin: {oops]]',
    '[[twin: reset_mid_steam]]',
    '[[twin {"text":"a"}]]',
    '[[twin: {"text":"a"}',
  ])('that is malformed in the message is refused and told: %s', async (text) => {
    const told: string[] = [];
    const own = await startModelTwin({ host: '127.0.0.1', onMalformed: (reason) => told.push(reason) });
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] });
    const { status } = await fetch(`${own.url}/chat/completions`, { method: 'POST', body });
    await own.close();
    expect([status, told.length]).toEqual([400, 1]);
  });

  test.each(['{"colour":1}', '{oops'])('that is malformed is refused: %s', async (text) => {
    const response = await ask('Hello', { headers: { 'x-twin-behaviour': text } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('malformed') } });
  });

  test('waits where it is told to', async () => {
    twin.plan({ latencyMs: 40, firstTokenMs: 40, tokenDelayMs: 20, text: 'a b c' });
    const startedAtMs = performance.now();
    const response = await ask('Hello', { stream: true });
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(38);
    await response.text();
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(115);
  });

  test('of a status carries its Retry-After', async () => {
    twin.plan({ fault: { kind: 'status', status: 529, retryAfter: '7' } });
    const response = await ask('Hello');
    expect([response.status, response.headers.get('retry-after')]).toEqual([529, '7']);
  });
});

describe('what it has seen', () => {
  test('is recorded', async () => {
    await (await ask('Hello', { headers: { authorization: 'Bearer k' } })).text();
    expect(twin.calls).toMatchObject([
      { path: '/v1/chat/completions', headers: { authorization: 'Bearer k' }, isAborted: false },
    ]);
    expect(JSON.parse(twin.calls[0]?.body ?? '')).toMatchObject({ model: 'm' });
    twin.reset();
    expect([twin.calls.length, twin.totalCalls]).toEqual([0, 0]);
  });

  test('is kept within bounds', async () => {
    const body = 'x'.repeat(6 * 1024 * 1024);
    for (let call = 0; call < 7; call += 1) await (await ask(body)).text();
    expect(twin.totalCalls).toBe(7);
    expect(twin.calls.length).toBeLessThan(7);
    expect(twin.calls.reduce((sum, call) => sum + call.body.length, 0)).toBeLessThanOrEqual(32 * 1024 * 1024);
  });
});

test('closing ends answers that never would, and leaves no socket', async () => {
  const own = await startModelTwin({ host: '127.0.0.1', behaviour: { fault: { kind: 'headers_never' } } });
  const answer = fetch(`${own.url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages: [] }),
  });
  const failed = expect(answer).rejects.toThrow();
  while (own.totalCalls === 0) await new Promise(setImmediate);
  expect(own.openSockets()).toBe(1);
  await own.close();
  await failed;
  expect(own.openSockets()).toBe(0);
});

test('a taken port is an error', async () => {
  const port = Number(new URL(twin.url).port);
  await expect(startModelTwin({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
