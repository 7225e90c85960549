import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RerunDocument, RerunTurnDocument } from '@turnledger/shared/contracts';
import { Arrivals } from '@turnledger/shared/testing';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { testFolderPath } from './postgres/testing/test-folder.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type HttpCalls, type HttpReply, httpCalls } from './testing/http-calls.ts';

const prices = { input_per_million_usd: 2, cached_input_per_million_usd: 1, output_per_million_usd: 10 };
const dataDir = testFolderPath();

let today: ModelTwin;
let candidate: ModelTwin;
let turnledger: EmbeddedProcess;
let calls: HttpCalls;

async function start(): Promise<void> {
  const endpoints = {
    today: { base_url: today.url, api_key_env: 'TWIN_KEY', model: 'twin-today', prices: { 'twin-today': prices } },
    candidate: {
      base_url: candidate.url,
      api_key_env: 'TWIN_KEY',
      model: 'twin-candidate',
      prices: { 'twin-candidate': prices },
    },
  };
  const env = { TURNLEDGER_ENDPOINTS: JSON.stringify(endpoints), TWIN_KEY: 'sk-of-a-test' };
  turnledger = await startEmbeddedProcess({ dataDir, env });
  calls = httpCalls(turnledger.url);
}

beforeAll(async () => {
  [today, candidate] = await Promise.all([
    startModelTwin({ host: '127.0.0.1' }),
    startModelTwin({ host: '127.0.0.1' }),
  ]);
  await start();
  await calls.post('/llm/configure', { scenario_id: 'bridge', models: [{ name: 'default', endpoint: 'today' }] });
});
beforeEach(() => {
  today.reset();
  candidate.reset();
});
afterAll(async () => {
  await endEmbedded();
  await Promise.all([today.close(), candidate.close()]);
});

/** A session of three turns that the views have; answers its id. */
async function recorded(): Promise<string> {
  const { session_id } = (await calls.generate({ prompt: 'Who goes there?', scenario_id: 'bridge' })).body;
  await calls.generate({ prompt: 'Let me pass.', session_id });
  const last = await calls.generate({ prompt: 'Then fight me.', session_id });
  await calls.get(`/v1/sessions?min_position=${encodeURIComponent(last.body.log_position)}`);
  return session_id;
}

const body = <Body>({ body: sent }: HttpReply) => sent as unknown as Body;
const onCandidate = { model: { endpoint: 'candidate' } };

/** Looks until it is over: its views and its runner are loops of the process, and nothing tells of them but its address. */
async function ended(rerunId: string): Promise<RerunDocument> {
  for (;;) {
    const found = body<RerunDocument>(await calls.get(`/v1/reruns/${rerunId}`));
    if (found.status !== 'running' && found.status !== 'cancelling') return found;
  }
}

async function rerun(sessionId: string, asked: object): Promise<RerunDocument> {
  const reply = await calls.post(`/v1/sessions/${sessionId}/reruns`, asked);
  expect(reply.status).toBe(202);
  return ended(body<RerunDocument>(reply).id);
}

const turnsOf = async (rerunId: string) =>
  [...body<{ data: RerunTurnDocument[] }>(await calls.get(`/v1/reruns/${rerunId}/turns`)).data].sort(
    (one, other) => one.position - other.position,
  );

describe('a re-run over HTTP', () => {
  test('without a change keeps every recorded reply, and asks nobody', async () => {
    const sessionId = await recorded();
    today.reset();
    const found = await rerun(sessionId, {});
    expect(found).toMatchObject({
      status: 'completed',
      progress: { sessions: 1, turns: 3, compared: 3, reused: 3 },
      spent_micro_usd: 0,
      comparison: { diverged: 0, similarity: { turns: 3, mean: 1 } },
    });
    expect(today.totalCalls).toBe(0);
  });

  test('on another model shows turn by turn what was and what is, and what it costs', async () => {
    const sessionId = await recorded();
    candidate.plan(({ messages }) => (messages.at(-1)?.content === 'Let me pass.' ? { text: 'Nobody.' } : {}));
    const found = await rerun(sessionId, { overrides: onCandidate });
    expect(candidate.totalCalls).toBe(3);
    expect(found).toMatchObject({
      status: 'completed',
      overrides: { model: { name: 'twin-candidate', endpoint: 'candidate' } },
      progress: { compared: 3, completed: 3, failed: 0 },
      unpriced_turns: 0,
      comparison: { cost_micro_usd: { turns: 3 }, duration_ms: { turns: 3 } },
    });
    expect(found.spent_micro_usd).toBeGreaterThan(0);
    const turns = await turnsOf(found.id);
    expect(turns.map(({ prompt }) => prompt)).toEqual(['Who goes there?', 'Let me pass.', 'Then fight me.']);
    expect(turns.filter(({ repeated }) => repeated.response === 'Nobody.')).toHaveLength(1);
    const { first_divergence } = found.sessions[0] ?? {};
    expect(turns.find(({ diverged }) => diverged)?.turn_id).toBe(first_divergence?.turn_id);
  });

  test('is in no list, no log and no bill of the game', async () => {
    const sessionId = await recorded();
    const before = await calls.get('/v1/usage');
    const found = await rerun(sessionId, { overrides: onCandidate });
    const [turn] = await turnsOf(found.id);
    expect((await calls.get('/v1/usage')).text).toBe(before.text);
    expect((await calls.get('/llm/logs?model=twin-candidate')).body.data).toEqual([]);
    expect((await calls.get(`/v1/sessions/${turn?.rerun_session_id}`)).status).toBe(404);
    expect((await calls.get('/v1/sessions')).text).not.toContain(turn?.rerun_session_id);
  });

  test('of many sessions is estimated first, and stops at its cap', async () => {
    await calls.post('/llm/configure', {
      scenario_id: 'gatehouse',
      models: [{ name: 'default', endpoint: 'today', max_tokens: 8 }],
    });
    for (let count = 0; count < 3; count += 1)
      await calls.generate({ prompt: 'Who goes there?', scenario_id: 'gatehouse' });
    const last = await calls.generate({ prompt: 'Last one.', scenario_id: 'gatehouse' });
    await calls.get(`/v1/sessions?min_position=${encodeURIComponent(last.body.log_position)}`);
    const asked = { scenario_id: 'gatehouse', scenario_version: 1, overrides: onCandidate };
    const estimate = await calls.post('/v1/reruns', { ...asked, dry_run: true });
    expect(estimate).toMatchObject({ status: 200, body: { dry_run: true, sessions: 4, turns: 4, reusable_turns: 0 } });
    expect(candidate.totalCalls).toBe(0);
    const capped = await calls.post('/v1/reruns', { ...asked, spend_cap_micro_usd: 1 });
    expect(capped.status).toBe(202);
    const found = await ended(body<RerunDocument>(capped).id);
    expect(found).toMatchObject({ status: 'spend_cap_reached', spent_micro_usd: 0, progress: { turns: 4 } });
    expect(candidate.totalCalls).toBe(0);
  });

  test('promotes a version through its gate', async () => {
    await recorded();
    const persona = { instructions: 'Let everybody pass.' };
    const configured = await calls.post('/llm/configure', { scenario_id: 'bridge', persona, publish: false });
    const { version } = configured.body as unknown as { version: number };
    const thresholds = { min_turns: 3, max_failed_rate: 0 };
    const opened = await calls.post('/v1/scenarios/bridge/gate', { version, thresholds });
    expect(opened).toMatchObject({ status: 202, body: { gate: { version, outcome: null } } });
    expect(await ended(body<RerunDocument>(opened).id)).toMatchObject({ gate: { outcome: 'passed', missed: [] } });
    const next = await calls.generate({ prompt: 'Who goes there?', scenario_id: 'bridge' });
    expect(next.body.scenario).toEqual({ id: 'bridge', version });
  });

  // The last one: it ends the process that the others ask.
  test('goes on after kill -9 where it was: every turn is compared once, and no ended one is asked again', async () => {
    const sessionId = await recorded();
    const askedTimes = new Arrivals<number>();
    candidate.plan(() => {
      askedTimes.add(askedTimes.all.length);
      return askedTimes.all.length === 2
        ? { text: 'Never whole.', fault: { kind: 'stall_mid_stream' } }
        : { text: 'Nobody.' };
    });
    const asked = { overrides: onCandidate, concurrency: 1 };
    const reply = await calls.post(`/v1/sessions/${sessionId}/reruns`, asked);
    await askedTimes.until(2);
    await turnledger.kill9();
    await start();
    const found = await ended(body<RerunDocument>(reply).id);
    expect(found).toMatchObject({ status: 'completed', progress: { compared: 3, completed: 3 } });
    const turns = await turnsOf(found.id);
    expect(turns.map(({ position }) => position)).toEqual([1, 2, 3]);
    // Which of them was under way, nobody has said: the turns of a session are asked side by side.
    expect(turns.map(({ repeated }) => repeated.attempts).sort()).toEqual([1, 1, 2]);
    expect(candidate.totalCalls).toBe(4);
  });
});
