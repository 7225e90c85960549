import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gateBody, rerunBody, rerunSessionBody } from '../contracts/index.ts';
import { sampleSessionId, sampleTurnId } from '../testing/sample-turn-stream.ts';
import {
  answerJson,
  answerProblem,
  breakOff,
  type ScriptedServer,
  startScriptedServer,
} from '../testing/scripted-server.ts';
import { createTurnledgerClient, type Rerun } from './index.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const client = () =>
  createTurnledgerClient({ baseUrl: server.url, retry: { maxRetries: 3, firstPauseMs: 1, maxPauseMs: 5 } });
const bodySeen = () => JSON.parse(server.seen[0]?.body ?? 'null');
/** What was sent, once the contract has taken it. */
const bodyTaken = (contract: { parse(body: unknown): unknown }) => {
  contract.parse(bodySeen());
  return bodySeen();
};
const progress = { sessions: 1, turns: 4, compared: 0, reused: 0, completed: 0, failed: 0 };
const rerun = (status: string, over: object = {}) => ({ id: 'r1', status, progress, spent_micro_usd: 0, ...over });

async function all<Row>(rows: AsyncIterable<Row>): Promise<readonly Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

describe('a re-run', () => {
  test('of a session is asked for with its changes, once however often the answer is lost', async () => {
    server.play(breakOff, answerJson(202, rerun('running', { log_position: 'p' })));
    const target = { sessionId: sampleSessionId, throughTurnId: sampleTurnId };
    const options = {
      overrides: { model: { endpoint: 'candidate' }, topP: 0.5 },
      spendCapMicroUsd: 9,
      mode: 'free_running',
    } as const;
    expect(await client().requestRerun(target, options)).toMatchObject({
      id: 'r1',
      spentMicroUsd: 0,
      logPosition: 'p',
    });
    expect(bodyTaken(rerunSessionBody)).toEqual({
      through_turn_id: sampleTurnId,
      overrides: { model: { endpoint: 'candidate' }, top_p: 0.5 },
      spend_cap_micro_usd: 9,
      mode: 'free_running',
    });
    const [first, second] = server.seen;
    expect(first).toMatchObject({ method: 'POST', path: `/v1/sessions/${sampleSessionId}/reruns` });
    expect(first?.headers['idempotency-key']).toMatch(/^"[0-9a-f-]{36}"$/);
    expect(second).toMatchObject({ body: first?.body });
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  });

  test('of many sessions is asked for under the key of the caller', async () => {
    server.play(answerJson(202, rerun('running')));
    const target = { scenarioId: 'a', scenarioVersion: 1, gameId: 'g', from: '2026-11-20T00:00:00Z' };
    await client().requestRerun(target, { overrides: { scenarioVersion: 2 }, reuse: false, idempotencyKey: 'k' });
    expect(server.seen).toMatchObject([{ path: '/v1/reruns', headers: { 'idempotency-key': '"k"' } }]);
    expect(bodyTaken(rerunBody)).toEqual({
      scenario_id: 'a',
      scenario_version: 1,
      game_id: 'g',
      from: '2026-11-20T00:00:00Z',
      overrides: { scenario_version: 2 },
      reuse: false,
    });
  });

  test('is estimated without a key, for nothing is recorded', async () => {
    server.play(answerJson(200, { dry_run: true, turns: 4, reusable_turns: 1, cost_micro_usd: null }));
    expect(await client().estimateRerun({ sessionId: 's' }, { concurrency: 2 })).toEqual({
      dryRun: true,
      turns: 4,
      reusableTurns: 1,
      costMicroUsd: null,
    });
    expect(bodyTaken(rerunSessionBody)).toEqual({ concurrency: 2, dry_run: true });
    expect(server.seen[0]?.headers['idempotency-key']).toBeUndefined();
  });

  test('that holds a version back is asked for by its thresholds', async () => {
    server.play(answerJson(202, rerun('running', { gate: { version: 2, thresholds: { max_failed_rate: 0.1 } } })));
    const gate = { version: 2, thresholds: { minTurns: 50, maxFailedRate: 0.1 }, scenarioVersion: 1 };
    expect(await client().openGate('a', { ...gate, idempotencyKey: 'k' })).toMatchObject({
      gate: { thresholds: { maxFailedRate: 0.1 } },
    });
    expect(server.seen[0]).toMatchObject({ path: '/v1/scenarios/a/gate', headers: { 'idempotency-key': '"k"' } });
    expect(bodyTaken(gateBody)).toEqual({
      version: 2,
      thresholds: { min_turns: 50, max_failed_rate: 0.1 },
      scenario_version: 1,
    });
  });

  test('is found in the list, and its turns beside the recorded ones, whose moves stay as the game wrote them', async () => {
    server.play(answerJson(200, { data: [rerun('completed')], has_more: false, next_cursor: null }));
    expect(await all(client().reruns({ scenarioId: 'a', status: 'completed' }))).toMatchObject([{ id: 'r1' }]);
    expect(server.seen[0]?.path).toBe('/v1/reruns?limit=100&scenario_id=a&status=completed');
    const turn = { rerun_turn_id: 't', move_difference: 'added', repeated: { move: { go_to: 'x' }, duration_ms: 4 } };
    server.play(
      answerJson(200, { data: [turn], has_more: true, next_cursor: 'c' }),
      answerJson(200, { data: [turn], has_more: false, next_cursor: null }),
    );
    const [first, ...rest] = await all(client().rerunTurns('r1', { diverged: 'only' }));
    expect(first).toEqual({
      rerunTurnId: 't',
      moveDifference: 'added',
      repeated: { move: { go_to: 'x' }, durationMs: 4 },
    });
    expect(rest).toHaveLength(1);
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/v1/reruns/r1/turns?limit=100&diverged=only',
      '/v1/reruns/r1/turns?limit=100&cursor=c&diverged=only',
    ]);
  });

  test('is cancelled, and refused where there is none', async () => {
    server.play(answerJson(202, rerun('cancelling')), answerProblem(404, { code: 'rerun_not_found' }, false));
    expect(await client().cancelRerun('r1')).toMatchObject({ status: 'cancelling' });
    expect(server.seen).toMatchObject([{ method: 'POST', path: '/v1/reruns/r1/cancel' }]);
    await expect(client().rerun('r2')).rejects.toMatchObject({ code: 'rerun_not_found', status: 404 });
  });
});

describe('who waits for a re-run', () => {
  test('is told how far it is until it is over, through a lapse of the service', async () => {
    server.play(
      answerJson(200, rerun('running')),
      answerProblem(503, { code: 'unavailable' }, true),
      answerJson(200, rerun('cancelling')),
      answerJson(200, rerun('cancelled')),
    );
    const told: Rerun['status'][] = [];
    const over = await client().awaitRerun('r1', { onProgress: ({ status }) => told.push(status) });
    expect(over.status).toBe('cancelled');
    expect(told).toEqual(['running', 'cancelling', 'cancelled']);
  });

  test('stops at once by an abort, which cancels nothing', async () => {
    server.play(answerJson(200, rerun('running')));
    const leaving = new AbortController();
    const waiting = client().awaitRerun('r1', { signal: leaving.signal, onProgress: () => leaving.abort() });
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    expect(server.seen.map(({ method }) => method)).toEqual(['GET']);
  });
});

test.each<[string, (from: ReturnType<typeof client>) => Promise<unknown>]>([
  ['re-run', (from) => from.rerun('a')],
  ['row', (from) => all(from.reruns())],
  ['turn', (from) => all(from.rerunTurns('a'))],
  ['estimate', (from) => from.estimateRerun({ scenarioId: 'a' })],
])('JSON that is something else is no %s', async (_what, ask) => {
  server.play(answerJson(200, { data: [{ ok: true }] }));
  await expect(ask(client())).rejects.toMatchObject({ code: 'answer_unreadable' });
});
