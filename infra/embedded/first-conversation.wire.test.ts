import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type HttpCalls, type HttpReply, httpCalls, type ReplyBody } from './testing/http-calls.ts';

const TURNS = 10;

let turnledger: EmbeddedProcess;
let calls: HttpCalls;
let configured: HttpReply;
let session: HttpReply;
const replies: HttpReply[] = [];
const env = { TURNLEDGER_SCRIPTED_WORD_MS: '1' };

beforeAll(async () => {
  turnledger = await startEmbeddedProcess({ env });
  calls = httpCalls(turnledger.url);
  configured = await calls.post('/llm/configure', {
    scenario_id: 'lisbon-ledger.marta',
    persona: { name: 'Marta Reis', instructions: 'You keep the ledger of the harbour.', greeting: 'You again.' },
    models: [{ name: 'gpt-of-a-dream', max_tokens: 60 }],
    note: 'first draft',
  });
  session = await calls.post('/v1/sessions', {
    scenario_id: 'lisbon-ledger.marta',
    player_id: 'player-1',
    game_id: 'lisbon',
    metadata: { quest: 'harbour' },
  });
  for (let number = 1; number <= TURNS; number += 1) {
    replies.push(
      await calls.post(`/v1/sessions/${session.body.id}/turns`, { prompt: `Question ${number}: where were you?` }),
    );
  }
});
afterAll(endEmbedded);

const at = () => replies.at(-1)?.body.log_position ?? '';
/** What a reply has beside the turn itself: other names and where it stands. */
const turnOf = ({ body }: HttpReply): Partial<ReplyBody> => {
  const { log_position: _position, links: _links, ...rest } = body;
  const {
    tokens_used: _tokens,
    completion_time: _time,
    ...turn
  } = rest as typeof rest & { tokens_used: unknown; completion_time: unknown };
  return turn;
};

/** Everything that can be read back of the conversation, by every route. */
async function readAll(from: HttpCalls) {
  const id = session.body.id;
  const query = `?min_position=${at()}`;
  const [shown, turns, replay, listed, scenario, versions] = await Promise.all([
    from.get(`/v1/sessions/${id}${query}`),
    from.get(`/v1/sessions/${id}/turns${query}`),
    from.get(`/v1/sessions/${id}/replay${query}`),
    from.get(`/v1/sessions${query}&player_id=player-1`),
    from.get(`/v1/scenarios/lisbon-ledger.marta?min_position=${configured.body.log_position}`),
    from.get('/v1/scenarios/lisbon-ledger.marta/versions'),
  ]);
  const turn = await from.get(`/v1/sessions/${id}/turns/${replies[3]?.body.id}${query}`);
  return { shown, turns, replay, listed, scenario, versions, turn };
}

test('the line that it prints works as it stands, soon after the start', async () => {
  const line = /^ {2}(curl .*)$/m.exec(turnledger.stdout())?.[1] ?? '';
  const hasCurl = await promisify(execFile)('curl', ['--version']).then(
    () => true,
    () => false,
  );
  const [, url = '', header = '', data = ''] = /^curl -s (\S+) -H '([^']*)' -d '([^']*)'$/.exec(line) ?? [];
  const askedAtMs = performance.now();
  const said = hasCurl
    ? (await promisify(execFile)('sh', ['-c', line])).stdout
    : await (
        await fetch(url, { method: 'POST', headers: { 'content-type': header.split(': ')[1] ?? '' }, body: data })
      ).text();
  expect(JSON.parse(said)).toMatchObject({
    prompt: 'Where were you at 22:40?',
    model: 'scripted',
    response: expect.any(String),
  });
  // Figures for whoever watches them; the bound is loose because a busy machine starts everything late.
  const answerMs = performance.now() - askedAtMs;
  process.stderr.write(
    `started in ${Math.round(turnledger.startMs)} ms, first answer after ${Math.round(answerMs)} ms more\n`,
  );
  expect(turnledger.startMs + answerMs).toBeLessThan(20_000);
});

test('it prints its address, model, data folder and new key', () => {
  expect(turnledger.stdout()).toMatch(/^Turnledger {2}http:\/\/localhost:\d+$/m);
  expect(turnledger.stdout()).toMatch(/^model {7}scripted \(offline/m);
  expect(turnledger.stdout()).toContain(`data        ${turnledger.dataDir}\n`);
  expect(turnledger.stdout()).toContain(`${turnledger.dataDir}/master.key (new: lose it and every text is unreadable)`);
});

test('ten turns are answered by scripted, which says so, each with its place', () => {
  expect(configured).toMatchObject({ status: 201, body: { version: 1 } });
  expect(session).toMatchObject({ status: 201, body: { status: 'open', turns: 0, player_id: 'player-1' } });
  expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: TURNS }, () => 200));
  expect(replies.map(({ body }) => body.position)).toEqual(Array.from({ length: TURNS }, (_, index) => index + 1));
  for (const { body } of replies) {
    expect(body).toMatchObject({
      model: 'scripted',
      attempts: 1,
      status: 'completed',
      finish_reason: expect.stringMatching(/stop|length/),
    });
    expect(body.output).toBe(body.response);
    expect(body.usage?.total_tokens).toBe((body.usage?.prompt_tokens ?? 0) + (body.usage?.completion_tokens ?? 0));
    expect(body.duration_ms ?? 0).toBeGreaterThanOrEqual(body.first_token_ms ?? Number.NaN);
  }
});

test('every route reads back what was answered, and the re-render equals it', async () => {
  const { shown, turns, replay, listed, scenario, versions, turn } = await readAll(calls);
  const recorded = replies.map(turnOf);
  expect(turns.body).toEqual({ data: recorded, has_more: false, next_cursor: null });
  expect(turn.body).toEqual(recorded[3]);
  expect(JSON.parse(replay.text)).toEqual({ session: shown.body, turns: recorded });
  expect(shown.body).toMatchObject({
    turns: TURNS,
    last_turn_id: recorded.at(-1)?.id,
    game_id: 'lisbon',
    metadata: { quest: 'harbour' },
  });
  expect(listed.body.data).toEqual([shown.body]);
  expect(scenario.body).toMatchObject({
    version: 1,
    promoted: true,
    note: 'first draft',
    models: [{ name: 'gpt-of-a-dream' }],
  });
  expect(versions.body.data).toEqual([scenario.body]);
});

test('pages join to the whole, and a re-render at a turn ends there', async () => {
  const found: (string | undefined)[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await calls.get(`/v1/sessions/${session.body.id}/turns?limit=4${cursor}`);
    found.push(...body.data.map(({ id }) => id));
    if (!body.has_more) break;
    cursor = `&cursor=${body.next_cursor}`;
  }
  expect(found).toEqual(replies.map(({ body }) => body.id));
  const replay = await calls.get(`/v1/sessions/${session.body.id}/replay?at_turn=${replies[2]?.body.id}`);
  expect(JSON.parse(replay.text).turns).toHaveLength(3);
});

test('a player nobody has heard of has no sessions, and asking makes none', async () => {
  expect((await calls.get('/v1/sessions?player_id=nobody')).body.data).toEqual([]);
  expect((await calls.get('/v1/sessions?player_id=player-1&status=ended')).body.data).toEqual([]);
});

test('it is alive and ready, every hop of it', async () => {
  expect(await calls.get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  const ready = await calls.get('/readyz');
  expect(ready).toMatchObject({ status: 200, body: { status: 'ready', stuck: [] } });
  expect(ready.text).toMatch(/"read-models".*"relay".*"inference-worker"/);
});

test('a second start on the same data keeps everything, and the conversation goes on', async () => {
  const before = await readAll(calls);
  const stoppedAtMs = performance.now();
  expect(await turnledger.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  // Connections that a client keeps for later hold nothing up: well below the 10 s of a drain.
  expect(performance.now() - stoppedAtMs).toBeLessThan(3_000);
  expect(turnledger.stderr()).toBe('');
  const next = await startEmbeddedProcess({ dataDir: turnledger.dataDir, env });
  expect(next.stdout()).not.toContain('master.key');
  const again = httpCalls(next.url);
  const after = await readAll(again);
  for (const name of Object.keys(before) as (keyof typeof before)[]) expect(after[name].text).toBe(before[name].text);
  const eleventh = await again.post(`/v1/sessions/${session.body.id}/turns`, { prompt: 'And then?' });
  expect(eleventh.body.position).toBe(TURNS + 1);
  const ended = await again.post(`/v1/sessions/${session.body.id}/end`, { outcome: 'won', score: 7 });
  expect(ended.body).toMatchObject({ status: 'ended', outcome: 'won', score: 7, turns: TURNS + 1 });
  const listed = await again.get(`/v1/sessions?status=ended&min_position=${ended.body.log_position}`);
  expect(listed.body.data.map(({ id }) => id)).toEqual([session.body.id]);
});
