import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type EventStream, openEventStream } from './testing/event-stream.ts';
import { askingTwin, type HeaderRecord, type HttpCalls, httpCalls } from './testing/http-calls.ts';
import { askAbout, type OwnedIds, ownedAddresses } from './testing/owned-addresses.ts';
import { askingForTokens, operatorToken, playerToken } from './testing/token-holders.ts';

/** What is alice's alone, one word for each place that can hold it. The twin says back what it hears, so replies hold the prompts. */
const MARKS = {
  player: 'alice-of-a-test-4711',
  prompt: 'zebracrossing',
  streamed: 'kingfisherblue',
  cancelled: 'marzipanlamp',
  failed: 'porcelainfox',
  state: 'umbrellastand',
  turnMetadata: 'velvetcurtain',
  sessionMetadata: 'copperkettle',
  displayName: 'gingerbreadhat',
  traits: 'cinnamonraft',
} as const;

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let alice: HttpCalls;
let bob: HttpCalls;
let operator: HttpCalls;
let bobToken: HeaderRecord;
let owned: OwnedIds;
/** Every byte that bob was sent, with what he asked. */
const bobSaw: { readonly asked: string; readonly text: string }[] = [];

/** The same client, with every reply written down. */
const watched = (calls: HttpCalls): HttpCalls => {
  const keep = async (asked: string, reply: ReturnType<HttpCalls['get']>) => {
    const seen = await reply;
    bobSaw.push({ asked, text: `${JSON.stringify([...seen.headers])}\n${seen.text}` });
    return seen;
  };
  return {
    ...calls,
    get: (path, headers) => keep(`GET ${path}`, calls.get(path, headers)),
    post: (path, body, headers) => keep(`POST ${path}`, calls.post(path, body, headers)),
    generate: (body, headers) => keep('generate', calls.generate(body, headers)),
  };
};

async function watchedStream(path: string, body: object): Promise<EventStream> {
  const stream = await openEventStream(`${turnledger.url}${path}`, { body, headers: bobToken });
  void stream.closed.then(({ events }) => bobSaw.push({ asked: `stream ${path}`, text: JSON.stringify(events) }));
  return stream;
}

const start = async (calls: HttpCalls, metadata: object): Promise<string> =>
  (await calls.post('/v1/sessions', { metadata })).body.id;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: { ...askingTwin(twin), ...askingForTokens, LOG_LEVEL: 'debug' } });
  const aliceToken = await playerToken(MARKS.player);
  bobToken = await playerToken('bob');
  alice = httpCalls(turnledger.url, aliceToken);
  bob = watched(httpCalls(turnledger.url, bobToken));
  operator = httpCalls(turnledger.url, await operatorToken());
  await alice.put(`/v1/players/${MARKS.player}`, { display_name: MARKS.displayName, traits: { likes: MARKS.traits } });
  const [hers, his] = [await start(alice, { note: MARKS.sessionMetadata }), await start(bob, { note: 'mine' })];
  const key = { 'idempotency-key': '"one-key-for-both"' };
  const said = { state: { rev: 1, data: { at: MARKS.state } }, metadata: { note: MARKS.turnMetadata } };
  // Side by side: the same key, the same places, streams open at the same time.
  const paced = '[[twin: {"tokenDelayMs": 20}]]';
  const stream = await openEventStream(`${turnledger.url}/v1/sessions/${hers}/turns`, {
    body: { ...said, prompt: `${MARKS.streamed} and a long walk along the quay ${paced}`, stream: true },
    headers: aliceToken,
  });
  const hisStream = await watchedStream(`/v1/sessions/${his}/turns`, {
    prompt: `My own words, and a long walk along the quay ${paced}`,
    stream: true,
  });
  await Promise.all([stream.closed, hisStream.closed]);
  const [turn] = await Promise.all([
    alice.post(`/v1/sessions/${hers}/turns`, { ...said, prompt: MARKS.prompt }, key),
    bob.post(`/v1/sessions/${his}/turns`, { prompt: 'My own words' }, key),
  ]);
  owned = { session: hers, turn: turn.body.id };
  const cancelled = await openEventStream(`${turnledger.url}/v1/sessions/${hers}/turns`, {
    body: { prompt: `${MARKS.cancelled} and then ${paced}`, stream: true },
    headers: aliceToken,
  });
  const [, , shown] = await cancelled.arrivals.until(3);
  await alice.post(`/v1/sessions/${hers}/turns/${shown?.data.turn_id}/cancel`, {});
  await cancelled.closed;
  await alice.post(`/v1/sessions/${hers}/turns`, { prompt: `${MARKS.failed} [[twin: reset_mid_stream]]` });
  const last = await alice.generate({ ...said, prompt: MARKS.prompt }, key);
  await operator.get(`/v1/sessions?min_position=${last.body.log_position}`);
});

afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

test('alice is shown all of it: it was there to be seen', async () => {
  const texts = await Promise.all([
    alice.get(`/v1/sessions/${owned.session}/replay`),
    alice.get('/v1/sessions'),
    alice.get(`/v1/players/${MARKS.player}`),
  ]);
  const seen = texts.map(({ text }) => text).join('\n');
  for (const [name, mark] of Object.entries(MARKS)) if (name !== 'state') expect(seen).toContain(mark);
});

test('bob finds nothing of hers, wherever he looks and whatever he asks for', async () => {
  const key = { 'idempotency-key': '"one-key-for-both"' };
  for (const address of ownedAddresses) await askAbout(bob, address, owned);
  for (const query of ['', `?player_id=${MARKS.player}`, '?limit=100', '?status=open', '?scenario_id=default'])
    await bob.get(`/v1/sessions${query}`);
  const listed = await bob.get('/v1/sessions?limit=100');
  for (const { id } of listed.body.data) {
    for (const path of ['', '/turns', '/replay', '/state', `/turns/${owned.turn}`, `/turns/${owned.turn}/stream`])
      await bob.get(`/v1/sessions/${id}${path}`);
    await bob.post(`/v1/sessions/${id}/turns/${owned.turn}/cancel`, {});
  }
  for (const path of ['/v1/players/bob', '/llm/logs', '/v1/usage', '/metrics', '/v1/scenarios/default'])
    await bob.get(path);
  for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs', '/nowhere']) await bob.get(path);
  // What she asked, under her key, by him: refused, or his own.
  await bob.generate({ prompt: 'Tell me hers' }, key);
  await bob.generate({ prompt: 'Tell me hers', session_id: owned.session }, key);
  await bob.post('/v1/sessions', {}, key);
  await bob.post('/llm/configure', { model: 'twin-1' }, key);

  expect(bobSaw.length).toBeGreaterThan(40);
  const ids = [owned.session, owned.turn];
  const crossed = bobSaw.flatMap(({ asked, text }) =>
    [...Object.values(MARKS), ...ids]
      // A refusal may repeat what it was asked.
      .filter((mark) => text.includes(mark) && !asked.includes(mark))
      .map((mark) => `${asked}: ${mark}`),
  );
  expect(crossed).toEqual([]);
});

test('what he was refused for naming her says no more than that', async () => {
  const refused = [
    await bob.get(`/v1/players/${MARKS.player}`),
    await bob.generate({ prompt: 'Hello', player_id: MARKS.player }),
    await bob.post('/v1/sessions', { player_id: MARKS.player }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([404, 403, 403]);
  for (const { text } of refused) {
    const { instance: _asked, ...rest } = JSON.parse(text);
    for (const mark of Object.values(MARKS)) expect(JSON.stringify(rest)).not.toContain(mark);
  }
});

test('nothing of hers went into a prompt of his', () => {
  const his = twin.calls.map(({ body }) => body).filter((body) => body.includes('My own words'));
  expect(his.length).toBeGreaterThan(0);
  for (const body of his) for (const mark of Object.values(MARKS)) expect(body).not.toContain(mark);
});
