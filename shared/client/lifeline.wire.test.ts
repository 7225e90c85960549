import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  frameOf,
  type SampleEvent,
  sampleAttempt,
  sampleRequested,
  sampleTurnDocument,
  sampleTurnId,
} from '../testing/sample-turn-stream.ts';
import { answerJson, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.ts';
import { createTurnledgerClient, type RetryPolicy } from './index.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const quick = { maxRetries: 3, firstPauseMs: 1, maxPauseMs: 5 };
const client = (retry: Partial<RetryPolicy> = {}) =>
  createTurnledgerClient({ baseUrl: server.url, retry: { ...quick, ...retry } });
const turn = sampleTurnDocument();
const events = [sampleRequested, ...sampleAttempt(1, ['At the ', 'customs '])];

describe('an abort while an answer is waited for', () => {
  test('ends the waiting and the connection, and keeps the key', async () => {
    const stop = new AbortController();
    const gone = new Promise<void>((resolve) => server.play((response) => response.once('close', resolve)));
    const asked = client().generateResponse('x', { signal: stop.signal, idempotencyKey: 'k' });
    await server.whenSeen(1);
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: 'aborted', idempotencyKey: 'k' });
    await gone;
  });

  test('ends a pause between two tries', async () => {
    const stop = new AbortController();
    server.play((response) => {
      response.once('close', () => stop.abort());
      response.destroy();
    });
    const slow = { firstPauseMs: 60_000, maxPauseMs: 60_000 };
    await expect(client(slow).generateResponse('x', { signal: stop.signal })).rejects.toMatchObject({
      code: 'aborted',
    });
    expect(server.seen).toHaveLength(1);
  });

  test('before the first try sends nothing', async () => {
    server.play(answerJson(200, turn));
    await expect(client().generateResponse('x', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'aborted',
    });
    expect(server.seen).toEqual([]);
  });
});

describe('an abort of a stream', () => {
  /** Plays some events and no ending; resolves when the reader has closed its connection. */
  const playUntilLeft = (some: readonly SampleEvent[]) =>
    new Promise<void>((resolve) =>
      server.play((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(some.map(frameOf).join(''));
        response.once('close', resolve);
      }),
    );

  test('ends a stream and its connection', async () => {
    const stop = new AbortController();
    const gone = playUntilLeft([sampleRequested]);
    const stream = client().streamResponse('x', { signal: stop.signal });
    const reading = (async () => {
      for await (const _event of stream) stop.abort('left the room');
    })();
    await expect(reading).rejects.toMatchObject({ code: 'aborted', turnId: sampleTurnId, retryable: false });
    await expect(reading).rejects.toHaveProperty('cause', 'left the room');
    await gone;
    expect(server.seen).toHaveLength(1);
  });

  test('inside onDelta is what onDelta threw, and ends the connection too', async () => {
    const gone = playUntilLeft(events.slice(0, 3));
    const thrown = new TypeError('a bug of the game');
    const told = client().generateResponse('x', {
      onDelta: () => {
        throw thrown;
      },
    });
    await expect(told).rejects.toBe(thrown);
    await gone;
  });
});
