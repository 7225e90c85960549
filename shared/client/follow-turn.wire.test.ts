import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  answerStream,
  frameOf,
  type SampleEvent,
  sampleAttempt,
  sampleEnding,
  sampleRequested,
  sampleSessionId,
  sampleTurnId,
} from '../testing/sample-turn-stream.ts';
import { answerProblem, breakOff, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.ts';
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

describe('a stream that breaks', () => {
  test.each(events.map((_event, count) => count))('after %i events goes on without gap or repeat', async (count) => {
    server.play(answerStream(events, count), answerStream(events));
    const stream = client().streamResponse('x');
    expect(idsOf(await read(stream))).toEqual(idsOf(events));
    await expect(stream.turn).resolves.toMatchObject({ status: 'completed' });
    const [first, second] = server.seen;
    const resumed = `/v1/sessions/${sampleSessionId}/turns/${sampleTurnId}/stream`;
    if (count === 0) {
      expect(second).toMatchObject({ method: 'POST', body: first?.body });
      expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    } else {
      const lastId = String(events[count - 1]?.id);
      expect(second).toMatchObject({ method: 'GET', path: resumed, headers: { 'last-event-id': lastId } });
    }
  });

  test('after every event goes on, since each connection brings something', async () => {
    server.play(answerStream(events, 1));
    expect(idsOf(await read(client({ maxRetries: 1 }).streamResponse('x')))).toEqual(idsOf(events));
    expect(server.seen).toHaveLength(events.length);
  });

  test('at a service that tells everything again repeats nothing', async () => {
    server.play(answerStream(events, 3), (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(events.map(frameOf).join(''));
    });
    expect(idsOf(await read(client().streamResponse('x')))).toEqual(idsOf(events));
  });

  test('and brings nothing new gives up after its retries, with the key and the turn', async () => {
    server.play(answerStream(events, 2), answerStream(events, 0));
    const stream = client().streamResponse('x');
    const lost = { code: 'stream_lost', turnId: sampleTurnId, retryable: true, idempotencyKey: stream.idempotencyKey };
    await expect(read(stream)).rejects.toMatchObject(lost);
    await expect(stream.turn).rejects.toMatchObject(lost);
    expect(server.seen).toHaveLength(1 + quick.maxRetries);
  });

  test('meets a service that is away for a while', async () => {
    server.play(
      answerStream(events, 3),
      breakOff,
      answerProblem(503, { code: 'store_unavailable' }, true),
      answerStream(events),
    );
    expect(idsOf(await read(client().streamResponse('x')))).toEqual(idsOf(events));
  });

  test('stops at what a retry cannot help', async () => {
    server.play(answerStream(events, 3), answerProblem(404, { code: 'turn_not_found' }, false));
    await expect(read(client().streamResponse('x'))).rejects.toMatchObject({ code: 'turn_not_found', status: 404 });
    expect(server.seen).toHaveLength(2);
  });

  test('is left when its bytes stop coming', async () => {
    server.play((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frameOf(sampleRequested));
    }, answerStream(events));
    expect(idsOf(await read(client({ silenceMs: 50 }).streamResponse('x')))).toEqual(idsOf(events));
    expect(server.seen).toHaveLength(2);
  });

  test('is not left while heartbeats come', async () => {
    server.play((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let beats = 0;
      const beating = setInterval(() => {
        beats += 1;
        response.write(': keep-alive\n\n');
        if (beats < 10) return;
        clearInterval(beating);
        response.end(events.map(frameOf).join(''));
      }, 30);
    });
    expect(idsOf(await read(client({ silenceMs: 150 }).streamResponse('x')))).toEqual(idsOf(events));
    expect(server.seen).toHaveLength(1);
  });
});
