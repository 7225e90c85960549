import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  answerStream,
  type SampleEvent,
  sampleAttempt,
  sampleEnding,
  sampleRequested,
  sampleSessionId,
  sampleTurnDocument,
  sampleTurnId,
} from '../testing/sample-turn-stream.ts';
import { type ScriptedServer, startScriptedServer } from '../testing/scripted-server.ts';
import { createTurnledgerClient, type RetryPolicy, type TurnEvent, type TurnStream } from './index.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const quick = { maxRetries: 3, firstPauseMs: 1, maxPauseMs: 5 };
const client = (retry: Partial<RetryPolicy> = {}) =>
  createTurnledgerClient({ baseUrl: server.url, retry: { ...quick, ...retry } });

const texts = ['At the ', 'customs ', 'house.'];
const events = [sampleRequested, ...sampleAttempt(1, texts), sampleEnding()];
const idsOf = (all: readonly (SampleEvent | TurnEvent)[]) => all.map(({ id }) => id);

async function read(stream: TurnStream): Promise<readonly TurnEvent[]> {
  const all: TurnEvent[] = [];
  for await (const event of stream) all.push(event);
  return all;
}

describe('a whole stream', () => {
  test('gives every event in our names, and the completed turn', async () => {
    server.play(answerStream(events));
    const stream = client().streamResponse('Where were you at 22:40?', { sessionId: sampleSessionId });
    expect(await read(stream)).toMatchObject([
      { type: 'turn.requested', id: 1, turnId: sampleTurnId, sessionId: sampleSessionId, logPosition: 'p1' },
      { type: 'turn.started', attempt: 1, model: 'scripted', isRestart: false },
      ...texts.map((text) => ({ type: 'reply.delta', attempt: 1, text })),
      { type: 'turn.completed', turn: { sessionId: sampleSessionId, finishReason: 'stop' } },
    ]);
    expect(await stream.turn).toMatchObject({
      id: sampleTurnId,
      status: 'completed',
      metadata: { quest_line: 'harbour' },
    });
    expect(server.seen).toMatchObject([{ method: 'POST', headers: { accept: 'text/event-stream' } }]);
  });

  test('is there from the start for each reader', async () => {
    server.play(answerStream(events));
    const stream = client().streamResponse('x');
    for await (const _first of stream) break;
    await stream.turn;
    expect(idsOf(await read(stream))).toEqual(idsOf(events));
  });

  test('passes over events that it does not know', async () => {
    server.play(answerStream([sampleRequested, { id: 7, event: 'turn.dreamt', data: {} }, sampleEnding()]));
    expect(idsOf(await read(client().streamResponse('x')))).toEqual([1, 1_000_000_000]);
  });
});

describe('a second attempt', () => {
  const again = [...events.slice(0, 3), ...sampleAttempt(2, ['In my ', 'bed.']), sampleEnding()];

  test('says that the text starts anew', async () => {
    server.play(answerStream(again, 3), answerStream(again));
    const started = (await read(client().streamResponse('x'))).filter(({ type }) => type === 'turn.started');
    expect(started).toMatchObject([
      { attempt: 1, isRestart: false },
      { attempt: 2, isRestart: true },
    ]);
  });

  test('is told to onDelta as a text of its own', async () => {
    server.play(answerStream(again));
    const told: string[] = [];
    await client().generateResponse('x', {
      onDelta: (_text, { textSoFar, attempt }) => told.push(`${attempt} ${textSoFar}`),
    });
    expect(told).toEqual(['1 At the ', '2 In my ', '2 In my bed.']);
  });
});

describe('a turn that ends badly', () => {
  const failed = sampleTurnDocument({
    status: 'failed',
    response: null,
    output: null,
    fallback: 'Somebody is at the door.',
    error: { code: 'model_unavailable' },
  });

  test('is an event to a reader and a problem with its fallback to who waits', async () => {
    server.play(answerStream([sampleRequested, sampleEnding(failed)]));
    const stream = client().streamResponse('x');
    expect((await read(stream)).at(-1)).toMatchObject({ type: 'turn.failed', turn: { status: 'failed' } });
    await expect(stream.turn).rejects.toMatchObject({
      code: 'turn_failed',
      status: 502,
      reason: 'model_unavailable',
      fallback: 'Somebody is at the door.',
      turnId: sampleTurnId,
      retryable: false,
      idempotencyKey: stream.idempotencyKey,
    });
  });
});

describe('following', () => {
  test('starts after the event the caller has', async () => {
    server.play(answerStream(events));
    const stream = client().followTurn(sampleSessionId, sampleTurnId, { after: 1_000_001 });
    expect(idsOf(await read(stream))).toEqual([1_000_002, 1_000_003, 1_000_000_000]);
    expect(server.seen[0]?.headers['last-event-id']).toBe('1000001');
  });

  test('gives who has the ending no event more, and still the turn', async () => {
    server.play(answerStream(events));
    const stream = client().followTurn(sampleSessionId, sampleTurnId, { after: 1_000_000_000 });
    expect(await read(stream)).toEqual([]);
    await expect(stream.turn).resolves.toMatchObject({ status: 'completed' });
  });
});
