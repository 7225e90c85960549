import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createTurnledgerClient,
  type StartedSession,
  type TurnledgerClient,
  type TurnledgerSession,
} from '@turnledger/shared/client';
import { limits } from '@turnledger/shared/contracts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { openEventStream } from './testing/event-stream.ts';
import { askingTwin, type HttpCalls, httpCalls } from './testing/http-calls.ts';

const scenarioId = 'lisbon-ledger.marta';

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let client: TurnledgerClient;
let calls: HttpCalls;
let session: StartedSession;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  client = createTurnledgerClient({ baseUrl: turnledger.url });
  calls = httpCalls(turnledger.url);
  await client.configureModel({ scenarioId, persona: { name: 'Marta Reis' } });
  await client.configureModel({ scenarioId, persona: { name: 'Marta Reis, older' }, publish: false });
});
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});
beforeEach(async () => {
  twin.reset();
  session = await client.startSession({ scenarioId, playerId: 'player-7', gameId: 'lisbon' });
});

/** What the newest request to the model says of what was said before, without the instructions. */
const promptTexts = (): readonly string[] =>
  JSON.parse(twin.calls.at(-1)?.body ?? '')
    .messages.slice(1)
    .map(({ content }: { content: string }) => content);

const textsOf = (turns: readonly { readonly prompt: string | null }[]) => turns.map(({ prompt }) => prompt);

async function listed(of: TurnledgerSession) {
  const turns = [];
  for await (const turn of of.turns()) turns.push(turn);
  return turns;
}

describe('a fork', () => {
  test('remembers what was said through its turn, and nothing of what either says in the other from there on', async () => {
    const first = await session.say('Where were you?');
    await session.say('You did it!');
    const fork = await session.fork({ turnId: first.id });
    expect(fork.record).toMatchObject({
      status: 'open',
      turns: 1,
      lastTurnId: first.id,
      playerId: 'player-7',
      gameId: 'lisbon',
      forkedFrom: { sessionId: session.id, turnId: first.id, position: 1 },
    });
    const gently = await fork.say('Who else was there?');
    expect(promptTexts()).toEqual(['Where were you?', first.response, 'Who else was there?']);
    expect(gently.position).toBe(2);
    await session.say('Admit it!');
    await fork.say('And then?');
    expect(promptTexts()).toEqual([
      'Where were you?',
      first.response,
      'Who else was there?',
      gently.response,
      'And then?',
    ]);
    expect(textsOf((await session.replay()).turns)).toEqual(['Where were you?', 'You did it!', 'Admit it!']);
    expect(textsOf((await fork.replay()).turns)).toEqual(['Where were you?', 'Who else was there?', 'And then?']);
  });

  test('is one event, whatever its past', async () => {
    for (const text of ['One', 'Two', 'Three']) await session.say(text);
    const { body } = await calls.post(`/v1/sessions/${session.id}/fork`, {});
    expect(body).toMatchObject({ turns: 3, forked_from: { position: 3 } });
    expect((await calls.get(`/v1/sessions/${body.id}?min_position=${body.log_position}`)).headers.get('etag')).toBe(
      '"0"',
    );
  });

  test('goes on from a turn that was rewound away, of a session that has ended', async () => {
    const cut = await session.say('You did it!');
    const { bookmark } = await session.bookmark();
    await session.rewind('start');
    await session.say('Who are you?');
    await session.end({ outcome: 'lost' });
    const fork = await session.fork({ bookmark });
    await fork.say('I know you did.');
    expect(promptTexts()).toEqual(['You did it!', cut.response, 'I know you did.']);
    const turns = await listed(fork);
    expect(turns).toMatchObject([
      { id: cut.id, sessionId: session.id, position: 1, rewound: false },
      { sessionId: fork.id, position: 2 },
    ]);
  });

  test('of a fork, of a turn of their own and of one that they share, has the past of each', async () => {
    const one = await session.say('One');
    const child = await session.fork();
    const two = await child.say('Two');
    const grandchild = await child.fork({ turnId: two.id });
    const three = await grandchild.say('Three');
    expect(promptTexts()).toEqual(['One', one.response, 'Two', two.response, 'Three']);
    const cousin = await grandchild.fork({ turnId: one.id });
    await cousin.say('Four');
    expect(promptTexts()).toEqual(['One', one.response, 'Four']);
    expect(cousin.record.forkedFrom).toEqual({ sessionId: session.id, turnId: one.id, position: 1 });
    const replayed = await grandchild.replay();
    expect(replayed.turns.map(({ id, sessionId }) => [id, sessionId])).toEqual([
      [one.id, session.id],
      [two.id, child.id],
      [three.id, grandchild.id],
    ]);
    await cousin.read();
    const { forkedFrom, forks } = await session.lineage();
    expect(forkedFrom).toBeNull();
    expect(forks.map((fork) => [fork.sessionId, fork.forkedFrom.turnId])).toEqual([
      [child.id, one.id],
      [grandchild.id, two.id],
      [cousin.id, one.id],
    ]);
  });

  test('is rewound to a turn that it began with, or to its start, and shows its lineage with what it shares', async () => {
    const one = await session.say('One');
    const two = await session.say('Two');
    const fork = await session.fork();
    const own = await fork.say('Three');
    await fork.rewind({ turnId: one.id });
    await fork.say('Two, otherwise');
    expect(promptTexts()).toEqual(['One', one.response, 'Two, otherwise']);
    expect(textsOf(await listed(fork))).toEqual(['One', 'Two, otherwise']);
    const { turns, forkedFrom } = await fork.lineage();
    expect(forkedFrom).toMatchObject({ sessionId: session.id, turnId: two.id });
    expect(turns.map(({ id, sessionId, afterTurnId, rewound }) => [id, sessionId, afterTurnId, rewound])).toEqual([
      [one.id, session.id, null, false],
      [two.id, session.id, one.id, true],
      [own.id, fork.id, two.id, true],
      [expect.any(String), fork.id, one.id, false],
    ]);
    expect(textsOf((await fork.replay({ atTurn: own.id })).turns)).toEqual(['One', 'Two', 'Three']);
    expect(textsOf((await fork.replay({ atTurn: two.id })).turns)).toEqual(['One', 'Two']);
    await fork.rewind('start');
    await fork.say('Anew');
    expect(promptTexts()).toEqual(['Anew']);
    expect(textsOf((await session.replay()).turns)).toEqual(['One', 'Two']);
  });

  test('marks turns that it began with, and goes back to them', async () => {
    await session.say('One');
    const fork = await session.fork();
    const { bookmark, position } = await fork.bookmark({ label: 'before it' });
    expect(position).toBe(1);
    await fork.say('Two');
    expect(await fork.rewind({ bookmark })).toMatchObject({ turns: 1 });
  });

  test('plays the scenario version that its session plays, unless told otherwise', async () => {
    await session.say('One');
    expect((await session.fork()).record.scenario.version).toBe(1);
    const fork = await session.fork({}, { scenarioVersion: 2, metadata: { quest: 'harbour' } });
    expect(fork.record).toMatchObject({ scenario: { version: 2 }, metadata: { quest: 'harbour' } });
    await fork.say('Two');
    expect(JSON.parse(twin.calls.at(-1)?.body ?? '').messages[0].content).toContain('Marta Reis, older');
  });

  test('has the game state of the turn that it goes on from, which a patch changes for it alone', async () => {
    const first = await session.say('One', { state: { rev: 1, data: { room: 'office' } } });
    await session.say('Two', { state: { rev: 2, data: { room: 'pier' } } });
    const fork = await session.fork({ turnId: first.id });
    expect(await fork.state()).toMatchObject({ rev: 1, turnId: first.id, data: { room: 'office' } });
    await fork.say('Three', { state: { rev: 2, patch: [{ op: 'add', path: '/door', value: 'open' }], baseRev: 1 } });
    expect(await fork.state()).toMatchObject({ rev: 2, data: { room: 'office', door: 'open' } });
    expect(await session.state()).toMatchObject({ rev: 2, data: { room: 'pier' } });
    await fork.rewind('start');
    expect((await fork.state()).rev).toBeNull();
  });

  test('is played back from its first turn on, in one stream', async () => {
    const one = await session.say('One');
    const fork = await session.fork();
    const two = await fork.say('Two');
    const path = `/v1/sessions/${fork.id}/replay?speed=max`;
    const headers = { accept: 'text/event-stream' };
    const { events } = await (await openEventStream(`${turnledger.url}${path}`, { headers })).closed;
    const ended = events.flatMap(({ event, data }) => (event === 'turn.completed' ? [[data.id, data.response]] : []));
    expect(ended).toEqual([
      [one.id, one.response],
      [two.id, two.response],
    ]);
    expect(events.at(-1)).toMatchObject({ event: 'replay.ended', data: { session_id: fork.id, turns: 2 } });
  });

  test('lists its turns page by page over both sessions, and by status', async () => {
    for (const text of ['One', 'Two', 'Three']) await session.say(text);
    const fork = await session.fork();
    for (const text of ['Four', 'Five']) await fork.say(text);
    await fork.read();
    const path = `/v1/sessions/${fork.id}/turns?limit=2`;
    const pages = [];
    let cursor = '';
    for (let page = 0; page < 5; page += 1) {
      const { body } = await calls.get(`${path}${cursor && `&cursor=${cursor}`}`);
      pages.push(body.data.map(({ prompt }) => prompt));
      if (!body.has_more) break;
      cursor = body.next_cursor;
    }
    expect(pages).toEqual([['One', 'Two'], ['Three', 'Four'], ['Five']]);
    expect((await calls.get(`${path}&status=failed`)).body.data).toEqual([]);
  });
});

describe('the command', () => {
  const fork = (body: object, headers = {}) => calls.post(`/v1/sessions/${session.id}/fork`, body, headers);

  test('makes one fork for a key, whatever came since, and refuses the key with another body', async () => {
    await session.say('One');
    const headers = { 'idempotency-key': 'fork' };
    const made = await fork({}, headers);
    expect(made).toMatchObject({ status: 201 });
    expect(made.headers.get('location')).toBe(`/v1/sessions/${made.body.id}`);
    await session.say('Two');
    const again = await fork({}, headers);
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id, turns: 1 } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await fork({ scenario_version: 2 }, headers)).body.code).toBe('idempotency_key_reused');
  });

  test.each([
    [
      'two places',
      { at_turn_id: '0198c0de-0000-7000-8000-000000000001', at_bookmark: 'A'.repeat(43) },
      422,
      'request_invalid',
    ],
    ['what is no bookmark', { at_bookmark: 'nonsense' }, 422, 'request_invalid'],
    ['a bookmark of another session', { at_bookmark: 'A'.repeat(43) }, 422, 'request_invalid'],
    ['a turn that is nowhere', { at_turn_id: '0198c0de-0000-7000-8000-000000000001' }, 404, 'turn_not_found'],
    ['a version that is nowhere', { scenario_version: 99 }, 404, 'scenario_not_found'],
    ['no turn that has ended', {}, 404, 'turn_not_found'],
  ])('refuses %s', async (what, body, status, code) => {
    if (what !== 'no turn that has ended') await session.say('One');
    expect(await fork(body)).toMatchObject({ status, body: { code } });
  });

  test('refuses a turn that is open, and takes the one before it', async () => {
    const first = await session.say('One');
    twin.plan({ latencyMs: 60_000 });
    const open = await session.requestTurn('Two', { waitSeconds: 0 });
    expect(await fork({ at_turn_id: open.id })).toMatchObject({
      status: 409,
      body: { code: 'turn_open', turn_id: open.id },
    });
    expect(await fork({})).toMatchObject({ status: 201, body: { last_turn_id: first.id } });
    await session.cancelTurn(open.id);
  });

  test('forks forks so often and no more', async () => {
    let newest: TurnledgerSession = session;
    for (let depth = 0; depth < limits.session.maxForkSegments; depth += 1) {
      await newest.say(`Depth ${depth}`);
      newest = await newest.fork();
    }
    await newest.say('The last');
    await expect(newest.fork()).rejects.toMatchObject({ code: 'session_fork_limit' });
    expect((await newest.replay()).turns).toHaveLength(limits.session.maxForkSegments + 1);
  });
});
