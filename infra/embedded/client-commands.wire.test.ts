import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTurnledgerClient, type TurnledgerClient } from '@turnledger/shared/client';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { askingTwin } from './testing/http-calls.ts';

const LINE = 'The ledger says I was at the customs house until the bells rang eleven.';
const scenarioId = 'lisbon-ledger.marta';

let twin: ModelTwin;
let client: TurnledgerClient;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  twin.plan({ text: LINE });
  const turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  client = createTurnledgerClient({ baseUrl: turnledger.url });
  await client.configureModel({ scenarioId, persona: { name: 'Marta Reis' }, view: { model: ['/room'] } });
});
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

async function all<Row>(rows: AsyncIterable<Row>): Promise<readonly Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

test('the character speaks first, and remembers it', async () => {
  const session = await client.startSession({ scenarioId });
  const trigger = { name: 'door_opened', args: { byWhom: 'a_stranger' } };
  const first = await session.say({ trigger });
  expect(first).toMatchObject({ prompt: null, trigger, response: LINE });
  await session.say('Where were you?');
  expect((await session.turn(first.id)).trigger).toEqual(trigger);
});

test('a turn is not waited for, then followed to its ending', async () => {
  const session = await client.startSession({ scenarioId });
  const open = await session.requestTurn('Where were you?', { waitSeconds: 0, idempotencyKey: 'not-waiting' });
  expect(['requested', 'started']).toContain(open.status);
  expect(await session.followTurn(open.id).turn).toMatchObject({ id: open.id, response: LINE });
  const waited = await session.requestTurn('Where were you?', { waitSeconds: 20, idempotencyKey: 'not-waiting' });
  expect(waited).toMatchObject({ id: open.id, status: 'completed' });
});

test('a player is put, read, and not edited over', async () => {
  const profile = { displayName: 'Inês', traits: { favourite_ship: 'Santa Iria' }, consent: { training: true } };
  const put = await client.putPlayer('ines:7', profile);
  expect(put).toMatchObject({ id: 'ines:7', ...profile, consent: { training: true, analytics: false } });
  const read = await client.player('ines:7', put.logPosition === undefined ? {} : { minPosition: put.logPosition });
  expect(read).toMatchObject({ displayName: 'Inês', traits: profile.traits, etag: put.etag });
  const guard = { ifMatch: put.etag ?? '' };
  expect(await client.putPlayer('ines:7', { displayName: 'Inês M.' }, guard)).toMatchObject({ traits: null });
  const late = client.putPlayer('ines:7', { displayName: 'I.' }, guard);
  await expect(late).rejects.toMatchObject({ code: 'player_revision_mismatch', status: 412 });
});

test('a session goes on under another version, and ends as it was read', async () => {
  const session = await client.startSession({ scenarioId });
  const { version } = await client.configureModel({ scenarioId, note: 'softer', publish: false, maxTokens: 77 });
  const changed = await session.reconfigure({ scenarioVersion: version });
  expect(changed.scenario).toEqual({ id: scenarioId, version });
  expect((await session.say('And now?')).scenario.version).toBe(version);
  const stale = session.end({ ifMatch: changed.etag ?? '' });
  await expect(stale).rejects.toMatchObject({ code: 'session_revision_mismatch' });
  const { etag } = await session.read();
  expect(await session.end({ ifMatch: etag ?? '' })).toMatchObject({ status: 'ended' });
});

test("the game's state is what the last turn brought", async () => {
  const session = await client.startSession({ scenarioId });
  expect(await session.state()).toMatchObject({ rev: null, data: null });
  const data = { room: 'office', clue_count: 2 };
  const turn = await session.say('Look around.', { state: { rev: 7, data } });
  expect(await session.state()).toMatchObject({ rev: 7, turnId: turn.id, data });
});

test('what was used is told: by scenario, call by call, session by session', async () => {
  const session = await client.startSession({ scenarioId, playerId: 'counting', gameId: 'lisbon' });
  const turn = await session.say('Where were you?');
  const at = turn.logPosition === undefined ? {} : { minPosition: turn.logPosition };
  const calls = await all(client.modelCalls({ sessionId: session.id, ...at }));
  expect(calls).toMatchObject([{ turnId: turn.id, endpoint: 'default', status: 'completed', attempt: 1 }]);
  const { rows, totals } = await client.usage({ by: 'game', gameId: 'lisbon', ...at });
  expect(rows).toMatchObject([{ gameId: 'lisbon', turnsCompleted: 1, calls: 1 }]);
  expect(totals).toMatchObject({ totalTokens: turn.usage?.totalTokens, costMicroUsd: null });
  const [found, ...others] = await all(client.sessions({ playerId: 'counting', ...at }));
  expect([found?.id, others]).toEqual([session.id, []]);
});

test('a configuration is told by its key, also behind newer ones; a retired scenario starts no session', async () => {
  const first = await client.configureModel({ scenarioId: 'short-lived', maxTokens: 50, idempotencyKey: 'first' });
  const { logPosition } = await client.configureModel({ scenarioId: 'short-lived', maxTokens: 51 });
  const again = await client.configureModel({ scenarioId: 'short-lived', maxTokens: 50, idempotencyKey: 'first' });
  expect(again.version).toBe(first.version);
  const published = await client.scenario('short-lived', { minPosition: logPosition });
  expect(published).toMatchObject({ scenarioId: 'short-lived', version: 2, etag: '"2.3"' });
  await client.retireScenario('short-lived', { reason: 'the story is over' });
  await expect(client.startSession({ scenarioId: 'short-lived' })).rejects.toMatchObject({ code: 'scenario_retired' });
});
