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
import { createTurnledgerClient } from './index.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const client = () =>
  createTurnledgerClient({ baseUrl: server.url, retry: { maxRetries: 3, firstPauseMs: 1, maxPauseMs: 5 } });
const session = () => client().session(sampleSessionId);
const root = `/v1/sessions/${sampleSessionId}`;
const sessionDocument = {
  id: sampleSessionId,
  scenario: { id: 'default', version: 2 },
  status: 'open',
  metadata: null,
};
const bodySeen = (index = 0) => JSON.parse(server.seen[index]?.body ?? 'null');

/** JSON with the tag of its state. */
const tagged =
  (status: number, etag: string, document: object): ScriptedAnswer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', etag }).end(JSON.stringify(document));

async function all<Row>(rows: AsyncIterable<Row>): Promise<readonly Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

describe('a player', () => {
  const player = {
    id: 'player-7',
    display_name: 'Inês',
    locale: 'pt-PT',
    traits: { favourite_ship: 'Santa Iria' },
    consent: { training: true, analytics: false },
    registered_at: '2026-01-01T00:00:00.000Z',
    updated_at: null,
  };

  test('is put whole, with the tag that was read as a guard', async () => {
    server.play(tagged(200, '"3"', { ...player, log_position: 'p3' }));
    const profile = { displayName: 'Inês', traits: { favourite_ship: 'Santa Iria' }, consent: { training: true } };
    expect(await client().putPlayer('player:7', profile, { ifMatch: '"2"' })).toMatchObject({
      displayName: 'Inês',
      traits: { favourite_ship: 'Santa Iria' },
      etag: '"3"',
      logPosition: 'p3',
    });
    expect(server.seen).toMatchObject([
      { method: 'PUT', path: '/v1/players/player%3A7', headers: { 'if-match': '"2"' } },
    ]);
    expect(bodySeen()).toEqual({
      display_name: 'Inês',
      traits: { favourite_ship: 'Santa Iria' },
      consent: { training: true },
    });
  });

  test('is put again when the answer is lost: it changes nothing', async () => {
    server.play(breakOff, tagged(200, '"1"', player));
    await client().putPlayer('player-7', {});
    expect(server.seen.map(({ method, body }) => [method, body])).toEqual([
      ['PUT', '{}'],
      ['PUT', '{}'],
    ]);
  });

  test('is read not older than a write', async () => {
    server.play(tagged(200, '"1"', player));
    expect(await client().player('player-7', { minPosition: 'p3' })).toMatchObject({ id: 'player-7', etag: '"1"' });
    expect(server.seen[0]?.path).toBe('/v1/players/player-7?min_position=p3');
  });
});

describe('a session', () => {
  test('is read with the tag that guards its changes', async () => {
    server.play(tagged(200, '"4"', sessionDocument), tagged(200, '"5"', { ...sessionDocument, status: 'ended' }));
    const here = session();
    const { etag } = await here.read();
    expect(await here.end({ ifMatch: etag ?? '' })).toMatchObject({ status: 'ended', etag: '"5"' });
    expect(server.seen[1]).toMatchObject({ path: `${root}/end`, headers: { 'if-match': '"4"' } });
  });

  test('is not changed behind the back of somebody else', async () => {
    server.play(answerProblem(412, { code: 'session_revision_mismatch' }, false));
    const ended = session().end({ ifMatch: '"4"' });
    await expect(ended).rejects.toMatchObject({ code: 'session_revision_mismatch', status: 412, retryable: false });
  });

  test('goes on under another version of its scenario', async () => {
    server.play(answerJson(200, sessionDocument));
    expect(await session().reconfigure({ scenarioVersion: 2, reason: 'softer' })).toMatchObject({
      scenario: { version: 2 },
    });
    expect(server.seen).toMatchObject([{ method: 'POST', path: `${root}/reconfigure` }]);
    expect(bodySeen()).toEqual({ scenario_version: 2, reason: 'softer' });
  });

  test("tells the game's state as the game wrote it", async () => {
    const state = {
      session_id: sampleSessionId,
      rev: 7,
      turn_id: sampleTurnId,
      recorded_at: null,
      data: { clue_count: 2 },
    };
    server.play(tagged(200, '"7"', state));
    expect(await session().state()).toMatchObject({ rev: 7, turnId: sampleTurnId, data: { clue_count: 2 } });
    expect(server.seen[0]?.path).toBe(`${root}/state`);
  });

  test('tells one turn', async () => {
    server.play(answerJson(200, sampleTurnDocument()));
    expect(await session().turn(sampleTurnId)).toMatchObject({ id: sampleTurnId });
    expect(server.seen[0]?.path).toBe(`${root}/turns/${sampleTurnId}`);
  });

  test('is found among others, page by page', async () => {
    const first = answerJson(200, { data: [sessionDocument], has_more: true, next_cursor: 'c' });
    server.play(first, answerJson(200, { data: [sessionDocument], has_more: false, next_cursor: null }));
    expect(await all(client().sessions({ playerId: 'player-7', status: 'open' }))).toHaveLength(2);
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/v1/sessions?limit=100&player_id=player-7&status=open',
      '/v1/sessions?limit=100&cursor=c&player_id=player-7&status=open',
    ]);
  });
});

describe('a scenario', () => {
  test('is published once however often its answer is lost', async () => {
    server.play(breakOff, answerJson(201, { scenario_id: 'a', version: 4, config_hash: 'h', log_position: 'p' }));
    await client().configureModel({ scenarioId: 'a', publish: false });
    const [first, second] = server.seen;
    expect(first?.headers['idempotency-key']).toMatch(/^"[0-9a-f-]{36}"$/);
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    expect(bodySeen(1)).toEqual({ scenario_id: 'a', publish: false });
  });

  test('is read whole, and retired', async () => {
    server.play(tagged(200, '"4"', { scenario_id: 'a', version: 4, models: [{ top_p: 1 }] }), answerJson(200, {}));
    expect(await client().scenario('a', { minPosition: 'p' })).toMatchObject({
      scenarioId: 'a',
      models: [{ topP: 1 }],
      etag: '"4"',
    });
    expect(server.seen[0]?.path).toBe('/v1/scenarios/a?min_position=p');
    await client().retireScenario('a', { reason: 'over' });
    expect(server.seen[1]).toMatchObject({ method: 'POST', path: '/v1/scenarios/a/retire', body: '{"reason":"over"}' });
  });
});

describe('what was used', () => {
  const counts = { turns: 4, calls: 4, total_tokens: 90, cost_micro_usd: null };

  test('is told by what is asked, with its totals', async () => {
    const document = { from: '2026-01-01', to: '2026-01-31', by: 'game', has_more: false, totals: counts };
    server.play(answerJson(200, { ...document, data: [{ game_id: null, ...counts }] }));
    expect(await client().usage({ by: 'game', from: '2026-01-01', minPosition: 'p' })).toMatchObject({
      from: '2026-01-01',
      hasMore: false,
      rows: [{ gameId: null, turns: 4, totalTokens: 90, costMicroUsd: null }],
      totals: { calls: 4 },
    });
    expect(server.seen[0]?.path).toBe('/v1/usage?by=game&from=2026-01-01&min_position=p');
  });

  test('is told call by call', async () => {
    const call = { id: 'c', turn_id: sampleTurnId, status: 'completed', usage: { prompt_tokens: 7 } };
    server.play(answerJson(200, { data: [call], has_more: false, next_cursor: null }));
    const [first] = await all(client().modelCalls({ sessionId: sampleSessionId, status: 'completed' }));
    expect(first).toMatchObject({ turnId: sampleTurnId, usage: { promptTokens: 7 } });
    expect(server.seen[0]?.path).toBe(`/llm/logs?limit=100&session_id=${sampleSessionId}&status=completed`);
  });
});

test.each<[string, (from: ReturnType<typeof client>) => Promise<unknown>]>([
  ['player', (from) => from.player('a')],
  ['session', (from) => from.session('a').read()],
  ['state', (from) => from.session('a').state()],
  ['scenario', (from) => from.scenario('a')],
  ['usage', (from) => from.usage()],
  ['model call', (from) => all(from.modelCalls())],
])('JSON that is something else is no %s', async (_what, ask) => {
  server.play(answerJson(200, { data: [{ ok: true }] }));
  await expect(ask(client())).rejects.toMatchObject({ code: 'answer_unreadable' });
});

test.each([{}, [], { data: null }])('JSON as %j is no list, rather than an empty one', async (document) => {
  server.play(answerJson(200, document));
  await expect(all(client().sessions())).rejects.toMatchObject({ code: 'answer_unreadable' });
});
