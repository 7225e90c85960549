import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  answerStream,
  sampleEnding,
  sampleRequested,
  sampleSessionId,
  sampleTurnDocument,
} from '../testing/sample-turn-stream.ts';
import {
  answerJson,
  answerProblem,
  breakOff,
  type ScriptedServer,
  startScriptedServer,
} from '../testing/scripted-server.ts';
import { createTurnledgerClient } from './index.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const client = () =>
  createTurnledgerClient({ baseUrl: server.url, retry: { maxRetries: 3, firstPauseMs: 1, maxPauseMs: 5 } });
const session = () => client().session(sampleSessionId);
const turn = { ...sampleTurnDocument(), log_position: 'p2' };
const open = sampleTurnDocument({ status: 'requested', response: null });
const bodySeen = () => JSON.parse(server.seen[0]?.body ?? 'null');

describe('a trigger', () => {
  const trigger = { name: 'door_opened', args: { byWhom: { full_name: 'A. Melo' } } };

  test('stands in the place of a prompt, its arguments as the game wrote them', async () => {
    server.play(answerJson(200, { ...turn, prompt: null, trigger }));
    const reply = await session().say({ trigger }, { temperature: 0.2 });
    expect(bodySeen()).toEqual({ trigger, temperature: 0.2 });
    expect(reply).toMatchObject({ prompt: null, trigger });
  });

  test('can be streamed, and sent without a session', async () => {
    server.play(answerStream([sampleRequested, sampleEnding()]));
    await session().stream({ trigger }).turn;
    expect(bodySeen()).toEqual({ trigger });
    server.play(answerJson(200, turn));
    await client().generateResponse({ trigger }, { scenarioId: 'a' });
    expect(bodySeen()).toEqual({ trigger, scenario_id: 'a' });
  });
});

describe('a bounded wait', () => {
  test.each([
    [10, 'wait=10'],
    [0, 'respond-async'],
    [undefined, undefined],
  ])('of %p seconds is preferred as %p', async (waitSeconds, prefer) => {
    server.play(answerJson(202, open));
    await session().requestTurn('x', waitSeconds === undefined ? {} : { waitSeconds });
    expect(server.seen[0]?.headers.prefer).toBe(prefer);
  });

  test('gives the turn as it stands, open or not', async () => {
    server.play(answerJson(202, open));
    expect(await client().requestTurn('x', { waitSeconds: 1 })).toMatchObject({ status: 'requested', response: null });
    server.play(answerJson(200, turn));
    expect(await client().requestTurn('x', { waitSeconds: 1 })).toMatchObject({ status: 'completed' });
  });

  test('asks again under one key and with the same wait when its answer is lost', async () => {
    server.play(breakOff, answerJson(202, open));
    await client().requestTurn('x', { waitSeconds: 2 });
    const [first, second] = server.seen;
    expect(second?.headers).toMatchObject({ prefer: 'wait=2', 'idempotency-key': first?.headers['idempotency-key'] });
  });

  test('rejects for a bad ending', async () => {
    server.play(answerProblem(504, { code: 'turn_timed_out', fallback: 'Not now.' }, false));
    const asked = client().requestTurn('x', { waitSeconds: 2 });
    await expect(asked).rejects.toMatchObject({ code: 'turn_timed_out', fallback: 'Not now.' });
  });
});

test('too many turns are asked for again when the service says, under one key', async () => {
  const busy = answerProblem(429, { code: 'too_many_turns' }, true, { 'retry-after': '1' });
  server.play(busy, answerJson(200, turn));
  const startedMs = performance.now();
  await client().generateResponse('x');
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(999);
  expect(new Set(server.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
});
