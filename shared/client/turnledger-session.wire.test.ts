import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  answerStream,
  sampleAttempt,
  sampleEnding,
  sampleRequested,
  sampleSessionId,
  sampleTurnDocument,
  sampleTurnId,
} from '../testing/sample-turn-stream.ts';
import {
  answerJson,
  answerProblem,
  breakOff,
  type ScriptedAnswer,
  type ScriptedServer,
  startScriptedServer,
} from '../testing/scripted-server.ts';
import { createTurnledgerClient, type Turn, type TurnledgerSession } from './index.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const client = () =>
  createTurnledgerClient({ baseUrl: server.url, retry: { maxRetries: 3, firstPauseMs: 1, maxPauseMs: 5 } });
const session = () => client().session(sampleSessionId);
const root = `/v1/sessions/${sampleSessionId}`;

const document = {
  id: sampleSessionId,
  scenario: { id: 'default', version: 1 },
  player_id: 'player-7',
  participants: [{ kind: 'player', player_id: 'player-7' }],
  status: 'open',
};
const turns = [1, 2, 3].map((position) => sampleTurnDocument({ position }));

async function all(turnsOf: AsyncIterable<Turn>): Promise<readonly number[]> {
  const positions: number[] = [];
  for await (const { position } of turnsOf) positions.push(position);
  return positions;
}

describe('startSession', () => {
  test('opens one session however often its answer is lost', async () => {
    server.play(breakOff, answerJson(201, { ...document, log_position: 'p0' }));
    const started = await client().startSession({
      scenarioId: 'default',
      playerId: 'player-7',
      metadata: { save_slot: 1 },
    });
    expect(started.id).toBe(sampleSessionId);
    expect(started.record).toMatchObject({
      playerId: 'player-7',
      participants: [{ kind: 'player', playerId: 'player-7' }],
    });
    const [first, second] = server.seen;
    expect(JSON.parse(first?.body ?? '')).toEqual({
      scenario_id: 'default',
      player_id: 'player-7',
      metadata: { save_slot: 1 },
    });
    expect(second).toMatchObject({ path: '/v1/sessions', body: first?.body });
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  });
});

describe('a turn of a session', () => {
  test('is asked for at the session', async () => {
    server.play(answerJson(200, turns[0]));
    await session().say('x', { playerId: 'player-7' });
    expect(server.seen).toMatchObject([
      { method: 'POST', path: `${root}/turns`, body: '{"prompt":"x","player_id":"player-7"}' },
    ]);
  });

  test('is told as it comes when onDelta wants it', async () => {
    server.play(answerStream([sampleRequested, ...sampleAttempt(1, ['a', 'b']), sampleEnding()]));
    const told: string[] = [];
    expect(await session().say('x', { onDelta: (text) => told.push(text) })).toMatchObject({ status: 'completed' });
    expect(told).toEqual(['a', 'b']);
  });

  test('is cancelled by its id', async () => {
    server.play(answerJson(200, sampleTurnDocument({ status: 'cancelled' })));
    expect(await client().cancelTurn(sampleSessionId, sampleTurnId)).toMatchObject({ status: 'cancelled' });
    expect(server.seen).toMatchObject([{ method: 'POST', path: `${root}/turns/${sampleTurnId}/cancel` }]);
  });
});

describe('a move of a turn', () => {
  const judged = sampleTurnDocument({
    move: { next_room: 'office' },
    move_verdict: { verdict: 'accepted', state_rev: 8, reason: null },
  });

  test('is accepted with the state it led to, and keeps its own names', async () => {
    server.play(answerJson(200, judged));
    const turn = await session().judgeMove(sampleTurnId, { verdict: 'accepted', stateRev: 8 }, { ifMatch: '"7"' });
    expect(turn).toMatchObject({ move: { next_room: 'office' }, moveVerdict: { verdict: 'accepted', stateRev: 8 } });
    expect(server.seen).toMatchObject([
      { method: 'POST', path: `${root}/turns/${sampleTurnId}/move`, body: '{"verdict":"accepted","state_rev":8}' },
    ]);
    expect(server.seen[0]?.headers['if-match']).toBe('"7"');
  });

  test('is rejected with the reason', async () => {
    server.play(answerJson(200, judged));
    await session().judgeMove(sampleTurnId, { verdict: 'rejected', reason: 'The door is locked.' });
    expect(server.seen[0]?.body).toBe('{"verdict":"rejected","reason":"The door is locked."}');
  });
});

describe('what was said', () => {
  test('is read page by page', async () => {
    const first = answerJson(200, { data: turns.slice(0, 2), has_more: true, next_cursor: 'c/1' });
    server.play(first, answerJson(200, { data: turns.slice(2), has_more: false, next_cursor: null }));
    expect(await all(session().turns())).toEqual([1, 2, 3]);
    expect(server.seen.map(({ path }) => path)).toEqual([
      `${root}/turns?limit=100`,
      `${root}/turns?limit=100&cursor=c%2F1`,
    ]);
  });

  test('is asked for no page more than is read', async () => {
    server.play(answerJson(200, { data: turns, has_more: true, next_cursor: 'c' }));
    for await (const _turn of session().turns()) break;
    expect(server.seen).toHaveLength(1);
  });

  test.each<[string, ScriptedAnswer, { readonly onDelta?: () => void }]>([
    ['an answer', answerJson(200, { ...turns[0], log_position: 'p1' }), {}],
    ['a stream', answerStream([sampleRequested, sampleEnding()]), { onDelta: () => undefined }],
  ])('is never older than what %s told', async (_what, answer, options) => {
    const behind = answerProblem(503, { code: 'view_behind' }, true);
    server.play(answer, behind, answerJson(200, { data: turns, has_more: false, next_cursor: null }));
    const here = session();
    await here.say('x', options);
    expect(await all(here.turns())).toEqual([1, 2, 3]);
    const read = { method: 'GET', path: `${root}/turns?limit=100&min_position=p1` };
    expect(server.seen.slice(1)).toMatchObject([read, read]);
  });

  test.each([
    ['say', (at: TurnledgerSession) => at.say('x')],
    ['requestTurn', (at: TurnledgerSession) => at.requestTurn('x', { waitSeconds: 5 })],
  ])('never answers from before a turn that ended badly: %s', async (_how, ask) => {
    const ended = { code: 'turn_failed', session_id: sampleSessionId, turn_id: sampleTurnId, log_position: 'p4' };
    server.play(answerProblem(502, ended, false), answerJson(200, document));
    const asked = session();
    await expect(ask(asked)).rejects.toMatchObject({ code: 'turn_failed' });
    await asked.read();
    expect(server.seen.at(-1)).toMatchObject({ path: `${root}?min_position=p4` });
  });

  test('is rendered again, up to a turn', async () => {
    server.play(answerJson(200, { session: document, turns }));
    const { session: again, turns: all } = await session().replay({ atTurn: sampleTurnId });
    expect(again).toMatchObject({ id: sampleSessionId, playerId: 'player-7' });
    expect(all).toHaveLength(3);
    expect(server.seen[0]?.path).toBe(`${root}/replay?at_turn=${sampleTurnId}`);
  });
});

test('a session ends with its outcome', async () => {
  server.play(answerJson(200, { ...document, status: 'ended', outcome: 'won', score: 3 }));
  expect(await session().end({ outcome: 'won', score: 3 })).toMatchObject({ status: 'ended', score: 3 });
  expect(server.seen).toMatchObject([{ path: `${root}/end`, body: '{"outcome":"won","score":3}' }]);
});
