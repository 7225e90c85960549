import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  answerStream,
  type SampleEvent,
  sampleAttempt,
  sampleEnding,
  sampleRequested,
  sampleSessionId,
} from '../testing/sample-turn-stream.ts';
import { answerProblem, breakOff, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.ts';
import { createTurnledgerClient, type ReplayOptions, type TurnEvent } from './index.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

/** Two turns as a re-render numbers them: one by one, and its end behind them. */
const turn = [sampleRequested, ...sampleAttempt(1, ['At the ', 'customs house.']), sampleEnding()];
const events: readonly SampleEvent[] = [
  ...[...turn, ...turn].map((event, index) => ({ ...event, id: index + 1 })),
  { id: 1_000_000_000, event: 'replay.ended', data: { session_id: sampleSessionId, turns: 2 } },
];
const told = events.slice(0, -1).map(({ event }) => event);

async function read(options: ReplayOptions = {}): Promise<readonly string[]> {
  const retry = { maxRetries: 3, firstPauseMs: 1, maxPauseMs: 5 };
  const session = createTurnledgerClient({ baseUrl: server.url, retry }).session(sampleSessionId);
  const all: TurnEvent[] = [];
  for await (const event of session.replayEvents(options)) all.push(event);
  return all.map(({ type }) => type);
}

test('tells every event, from one turn to the next, and ends with the re-render', async () => {
  server.play(answerStream(events));
  expect(await read({ speed: 4 })).toEqual(told);
  expect(server.seen).toMatchObject([
    { path: `/v1/sessions/${sampleSessionId}/replay?speed=4`, headers: { accept: 'text/event-stream' } },
  ]);
});

test.each([0, 1, 5, told.length])('goes on without gap or repeat when it breaks after %i events', async (count) => {
  server.play(answerStream(events, count), breakOff, answerStream(events));
  expect(await read()).toEqual(told);
  const lastSeen = server.seen.at(-1)?.headers['last-event-id'];
  expect(lastSeen).toBe(count === 0 ? undefined : String(count));
});

test('stops at what a retry cannot help', async () => {
  server.play(answerProblem(404, { code: 'session_not_found' }, false));
  await expect(read()).rejects.toMatchObject({ code: 'session_not_found', sessionId: sampleSessionId });
  expect(server.seen).toHaveLength(1);
});

test('gives up when reconnects bring nothing new', async () => {
  server.play(answerStream(events, 2), answerStream(events, 0));
  await expect(read()).rejects.toMatchObject({ code: 'stream_lost' });
});
