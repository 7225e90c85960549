import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chatPlayer } from './chat-player.ts';
import { startConversation } from './conversation.ts';
import type { LoadMode } from './load-plan.ts';
import { turnledgerPlayer } from './turnledger-player.ts';

/** A server that says what the test wants said; a session is always opened. */
const keys: (string | undefined)[] = [];
let next = { status: 200, body: '' };
let kept: unknown[] = [];
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ data: kept }));
    return;
  }
  keys.push(request.headers['idempotency-key']?.toString());
  const answer = request.url === '/v1/sessions' ? { status: 201, body: '{"id":"s-1"}' } : next;
  request.resume().on('end', () => response.writeHead(answer.status).end(answer.body));
});
const agent = new Agent({ keepAlive: true });
let url = '';

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  agent.destroy();
  server.close();
  await once(server, 'close');
});

const turn = { id: 't-1', status: 'completed', response: 'Message 2 heard: Hello' };
const frame = (event: string, data: object) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;

const us = (mode: LoadMode) =>
  turnledgerPlayer({ agent, url, scenarioId: 'bench', mode, turnsPerSession: 1, playerId: 'bench-1' });
const chat = (mode: LoadMode) =>
  chatPlayer({ agent, url: `${url}/v1`, headers: {}, mode, conversation: startConversation(20, 20) });

const right = [
  ['a JSON turn', () => us('json'), JSON.stringify(turn)],
  ['a streamed turn', () => us('sse'), frame('reply.delta', { text: turn.response }) + frame('turn.completed', turn)],
  ['a completion', () => chat('json'), JSON.stringify({ choices: [{ message: { content: 'heard: Hello' } }] })],
  ['a streamed completion', () => chat('sse'), `${chunk('heard: ')}${chunk('Hello')}data: [DONE]\n\n`],
] as const;

const wrong = [
  ['a problem', () => us('json'), 503, '{}', 'status 503'],
  [
    'the reply to somebody else',
    () => us('json'),
    200,
    JSON.stringify({ ...turn, response: 'heard: Bye' }),
    'heard: Bye',
  ],
  ['a turn that is still open', () => us('json'), 200, JSON.stringify({ ...turn, status: 'started' }), 'started'],
  ['a stream without an ending', () => us('sse'), 200, frame('reply.delta', { text: 'heard: Hello' }), 'ended with'],
  ['deltas that are not the reply', () => us('sse'), 200, frame('turn.completed', turn), 'the deltas were'],
  ['a cut completion', () => chat('sse'), 200, chunk('heard: Hello'), 'without [DONE]'],
  ['an empty completion', () => chat('sse'), 200, 'data: [DONE]\n\n', 'the reply to'],
] as const;

describe('a player', () => {
  it.each(right)('takes %s', async (_what, player, body) => {
    next = { status: 200, body };
    const played = await player().play('Hello');
    expect(played.totalMs).toBeGreaterThanOrEqual(played.firstDeltaMs);
  });

  it.each(wrong)('refuses %s', async (_what, player, status, body, words) => {
    next = { status, body };
    await expect(player().play('Hello')).rejects.toThrow(words);
  });

  it('sends a new key with every turn', async () => {
    next = { status: 200, body: JSON.stringify(turn) };
    keys.length = 0;
    const player = us('json');
    await player.play('Hello');
    await player.play('Hello');
    expect(new Set(keys).size).toBe(4); // two sessions, two turns
  });
});

describe('a player of Turnledger', () => {
  it('tells when it asked and when it had the answer', async () => {
    next = { status: 200, body: JSON.stringify(turn) };
    const beforeMs = Date.now();
    const { askedAtMs = 0, answeredAtMs = 0 } = await us('json').play('Hello');
    expect([beforeMs, askedAtMs, answeredAtMs, Date.now()].toSorted((one, other) => one - other)).toEqual([
      beforeMs,
      askedAtMs,
      answeredAtMs,
      expect.any(Number),
    ]);
  });

  it('reads a session back before the next one, and refuses one that is not there', async () => {
    next = { status: 200, body: JSON.stringify(turn) };
    const options = { agent, url, scenarioId: 'bench', turnsPerSession: 1, playerId: 'bench-1' } as const;
    const player = turnledgerPlayer({ ...options, mode: 'json', readsBack: true });
    kept = [turn];
    await player.play('Hello');
    await player.play('Hello');
    kept = [];
    await expect(player.play('Hello')).rejects.toThrow('reading a session back');
  });
});

describe('a conversation', () => {
  it('shows the model the window of turns and forgets the rest', () => {
    const conversation = startConversation(10, 2);
    for (const number of [1, 2, 3]) conversation.record(`said ${number}`, `heard ${number}`);
    const contents = conversation.messages('said 4').map(({ content }) => content);
    expect(contents.slice(1)).toEqual(['said 2', 'heard 2', 'said 3', 'heard 3', 'said 4']);
  });

  it('begins anew after its turns', () => {
    const conversation = startConversation(1, 2);
    conversation.record('said 1', 'heard 1');
    expect(conversation.messages('said 2')).toHaveLength(2);
  });
});
