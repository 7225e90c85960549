import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTurnledgerClient, type StartedSession, type TurnledgerClient } from '@turnledger/shared/client';
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
  await client.configureModel({ scenarioId, persona: { name: 'Marta Reis' }, view: { model: [], public: ['/room'] } });
});
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});
beforeEach(async () => {
  twin.reset();
  session = await client.startSession({ scenarioId, playerId: 'player-7' });
});

const say = (text: string) => session.say(text);

/** What the newest request to the model says of what was said before, without the instructions. */
const promptTexts = (): readonly string[] =>
  JSON.parse(twin.calls.at(-1)?.body ?? '')
    .messages.slice(1)
    .map(({ content }: { content: string }) => content);

const listed = async (query = '') =>
  (await calls.get(`/v1/sessions/${session.id}/turns${query}`)).body.data.map(
    ({ prompt, position, rewound }) => `${position} ${prompt}${rewound ? ' (rewound)' : ''}`,
  );

describe('a session that is rewound', () => {
  test('forgets the future: neither the next prompt nor the list of turns holds what was cut', async () => {
    const kept = await say('Where were you?');
    const { bookmark } = await session.bookmark({ label: 'before the accusation' });
    await say('You did it!');
    await session.rewind({ bookmark });
    await say('Who else was there?');
    expect(promptTexts()).toEqual(['Where were you?', kept.response, 'Who else was there?']);
    await session.read();
    expect(await listed()).toEqual(['1 Where were you?', '2 Who else was there?']);
    expect(await listed('?rewound=include')).toEqual([
      '1 Where were you?',
      '2 You did it! (rewound)',
      '2 Who else was there?',
    ]);
  });

  test('keeps what was cut readable: the turn itself, its history, and its place in the lineage', async () => {
    const first = await say('Where were you?');
    const cut = await say('You did it!');
    const path = `/v1/sessions/${session.id}/turns/${cut.id}`;
    const before = await calls.get(`${path}?min_position=${cut.logPosition}`);
    await session.rewind({ turnId: first.id }, { reason: 'an old save was loaded' });
    const other = await say('Who else was there?');
    const lineage = await session.lineage();
    expect(lineage.turns).toMatchObject([
      { id: first.id, afterTurnId: null, rewound: false },
      { id: cut.id, afterTurnId: first.id, rewound: true },
      { id: other.id, afterTurnId: first.id, rewound: false },
    ]);
    expect(lineage.rewinds).toMatchObject([
      { fromTurnId: cut.id, toTurnId: first.id, reason: 'an old save was loaded', by: 'operator' },
    ]);
    const replay = await session.replay({ atTurn: cut.id });
    expect(replay.turns.map(({ id }) => id)).toEqual([first.id, cut.id]);
    expect((await session.replay()).turns.map(({ id }) => id)).toEqual([first.id, other.id]);
    await session.read();
    const after = await calls.get(path, { 'if-none-match': before.headers.get('etag') ?? '' });
    expect(before).toMatchObject({ status: 200, body: { rewound: false } });
    expect(after).toMatchObject({ status: 200, body: { ...before.body, rewound: true } });
  });

  test('is played back without what was cut, and with it up to a turn of it', async () => {
    const first = await say('Where were you?');
    const cut = await say('You did it!');
    await session.rewind({ turnId: first.id });
    const other = await say('Who else was there?');
    const played = async (query: string) => {
      const path = `/v1/sessions/${session.id}/replay?speed=max${query}`;
      const headers = { accept: 'text/event-stream' };
      const { events } = await (await openEventStream(`${turnledger.url}${path}`, { headers })).closed;
      return events.flatMap(({ event, data }) => (event === 'turn.requested' ? [data.turn_id] : []));
    };
    expect(await played('')).toEqual([first.id, other.id]);
    expect(await played(`&at_turn=${cut.id}`)).toEqual([first.id, cut.id]);
  });

  test('goes on after it had ended, and shows the game state of the turn that it is back at', async () => {
    const first = await session.say('Where were you?', { state: { rev: 1, data: { room: 'office' } } });
    await session.say('Follow me.', { state: { rev: 2, data: { room: 'pier' } } });
    await session.end({ outcome: 'lost' });
    expect((await session.state()).rev).toBe(2);
    expect(await session.rewind({ turnId: first.id })).toMatchObject({ status: 'open', turns: 1, outcome: null });
    expect(await session.state()).toMatchObject({ rev: 1, turnId: first.id });
    await session.rewind('start');
    expect(await session.read()).toMatchObject({ turns: 0, lastTurnId: null });
    expect((await session.state()).rev).toBeNull();
  });

  test('refuses the key of a turn that was cut, and says that asking again is no use', async () => {
    const headers = { 'idempotency-key': 'once' };
    const path = `/v1/sessions/${session.id}/turns`;
    const { body: turn } = await calls.post(path, { prompt: 'You did it!' }, headers);
    await session.rewind('start');
    const again = await calls.post(path, { prompt: 'You did it!' }, headers);
    expect(again).toMatchObject({ status: 409, body: { code: 'turn_rewound', turn_id: turn.id } });
    expect(again.headers.get('x-should-retry')).toBe('false');
  });
});

describe('the commands', () => {
  test('do what a key asked for once, whatever came since, and refuse the key with another body', async () => {
    await say('Where were you?');
    const rewind = (body: object) =>
      calls.post(`/v1/sessions/${session.id}/rewind`, body, { 'idempotency-key': 'load' });
    expect((await rewind({ to_turn_id: null })).status).toBe(200);
    await say('Who are you?');
    const again = await rewind({ to_turn_id: null });
    expect(again).toMatchObject({ status: 200, body: { turns: 1 } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await rewind({ to_turn_id: null, reason: 'other' })).body.code).toBe('idempotency_key_reused');
    const mark = (body: object) =>
      calls.post(`/v1/sessions/${session.id}/bookmarks`, body, { 'idempotency-key': 'mark' });
    const made = await mark({ label: 'here' });
    expect(made).toMatchObject({ status: 201, body: { label: 'here', position: 1 } });
    expect(await mark({ label: 'here' })).toMatchObject({ status: 200, body: { id: made.body.id, label: 'here' } });
    expect((await session.lineage()).bookmarks).toMatchObject([{ id: made.body.id, label: 'here' }]);
  });

  test.each([
    ['no target', {}, 422, 'request_invalid'],
    ['two targets', { to_turn_id: null, to_bookmark: 'A'.repeat(43) }, 422, 'request_invalid'],
    ['what is no bookmark', { to_bookmark: 'nonsense' }, 422, 'request_invalid'],
    ['a bookmark of another session', { to_bookmark: 'A'.repeat(43) }, 422, 'request_invalid'],
    ['a turn that is nowhere', { to_turn_id: '0198c0de-0000-7000-8000-000000000001' }, 404, 'turn_not_found'],
  ])('refuse %s, and change nothing', async (_what, body, status, code) => {
    await say('Where were you?');
    const answer = await calls.post(`/v1/sessions/${session.id}/rewind`, body);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await session.read()).toMatchObject({ turns: 1 });
  });

  test('refuse to rewind while a turn is open, to one of another session, and for whom the session is not', async () => {
    const other = await client.startSession({ scenarioId });
    const { id: foreign } = await other.say('Hello?');
    const rewind = (to: string) => calls.post(`/v1/sessions/${session.id}/rewind`, { to_turn_id: to });
    expect(await rewind(foreign)).toMatchObject({ status: 404, body: { code: 'turn_not_found' } });
    const first = await say('Where were you?');
    twin.plan({ latencyMs: 60_000 });
    const open = await session.requestTurn('Well?', { waitSeconds: 0 });
    expect(await rewind(first.id)).toMatchObject({ status: 409, body: { code: 'turn_open', turn_id: open.id } });
    await session.cancelTurn(open.id);
    expect((await rewind(first.id)).status).toBe(200);
  });
});
