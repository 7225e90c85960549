import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  createTurnledgerClient,
  type TurnEvent,
  type TurnledgerClient,
  type TurnStream,
} from '@turnledger/shared/client';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { askingTwin } from './testing/http-calls.ts';

const LINE = 'The ledger says I was at the customs house until the bells rang eleven.';
const scenarioId = 'lisbon-ledger.marta';

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let client: TurnledgerClient;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  client = createTurnledgerClient({ baseUrl: turnledger.url });
  await client.configureModel({
    scenarioId,
    persona: { name: 'Marta Reis' },
    fallbackLines: ['Somebody is at the door.'],
  });
});

beforeEach(() => {
  twin.reset();
  twin.plan({ text: LINE, tokenDelayMs: 10 });
});

afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

/** A network that loses each of the first connections after so many bytes. */
function losingFetch(connections: number, afterBytes: number): { readonly fetch: typeof fetch; lost(): number } {
  let lost = 0;
  const losing: typeof fetch = async (...call) => {
    const response = await fetch(...call);
    if (!response.body || lost >= connections) return response;
    lost += 1;
    let left = afterBytes;
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, controller) {
          controller.enqueue(bytes.subarray(0, left));
          left -= bytes.length;
          if (left <= 0) controller.error(new TypeError('the network is gone'));
        },
      }),
    );
    return new Response(body, { status: response.status, headers: response.headers });
  };
  return { fetch: losing, lost: () => lost };
}

async function read(stream: TurnStream): Promise<readonly TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

const textOf = (events: readonly TurnEvent[]): string =>
  events.map((event) => (event.type === 'reply.delta' ? event.text : '')).join('');

test('a short conversation, from the first word to its re-render', async () => {
  const session = await client.startSession({ scenarioId, playerId: 'player-7', metadata: { save_slot: 1 } });
  expect(session.record).toMatchObject({
    playerId: 'player-7',
    scenario: { id: scenarioId },
    metadata: { save_slot: 1 },
  });

  const first = await session.say('Where were you at 22:40?', { maxTokens: 90, metadata: { quest_line: 'harbour' } });
  expect(first).toMatchObject({
    status: 'completed',
    response: LINE,
    position: 1,
    metadata: { quest_line: 'harbour' },
  });

  const told: string[] = [];
  const second = await session.say('And who saw you?', { onDelta: (_text, { textSoFar }) => told.push(textSoFar) });
  expect(second).toMatchObject({ response: LINE, position: 2 });
  expect(told.at(-1)).toBe(LINE);

  const ended = await session.end({ outcome: 'won', score: 3 });
  expect(ended).toMatchObject({ status: 'ended', outcome: 'won', turns: 2 });
  const listed: string[] = [];
  for await (const turn of session.turns()) listed.push(`${turn.position} ${turn.status} ${turn.prompt}`);
  expect(listed).toEqual(['1 completed Where were you at 22:40?', '2 completed And who saw you?']);
  const { turns, session: again } = await session.replay();
  expect(again).toMatchObject({ id: session.id, status: 'ended' });
  expect(turns.map(({ id }) => id)).toEqual([first.id, second.id]);
});

test('a stream over a network that fails again and again is whole', async () => {
  const network = losingFetch(4, 420);
  const unlucky = createTurnledgerClient({ baseUrl: turnledger.url, fetch: network.fetch });
  const stream = unlucky.streamResponse('Where were you?', { scenarioId });
  const events = await read(stream);
  const deltas = events.slice(2, -1);
  expect(network.lost()).toBe(4);
  expect(events.map(({ id }) => id)).toEqual([1, 1_000_000, ...deltas.map((_, n) => 1_000_001 + n), 1_000_000_000]);
  expect(textOf(events)).toBe(LINE);
  await expect(stream.turn).resolves.toMatchObject({ response: LINE, attempts: 1 });
  expect(twin.totalCalls).toBe(1);
});

test('an answer that is lost on its way is asked for again and bought once', async () => {
  const network = losingFetch(2, 10);
  const unlucky = createTurnledgerClient({ baseUrl: turnledger.url, fetch: network.fetch });
  expect(await unlucky.generateResponse('Where were you?', { scenarioId })).toMatchObject({ response: LINE });
  expect(network.lost()).toBe(2);
  expect(twin.totalCalls).toBe(1);
});

test.each([
  ['an answer', {}],
  ['a stream', { onDelta: () => undefined }],
])('a turn that fails leaves a line to say, by %s', async (_how, options) => {
  twin.reset();
  twin.plan({ fault: { kind: 'status', status: 400 } });
  const fallback = 'Somebody is at the door.';
  const failed = {
    code: 'turn_failed',
    status: 502,
    fallback,
    turnId: expect.any(String),
    sessionId: expect.any(String),
  };
  await expect(client.generateResponse('Where were you?', { scenarioId, ...options })).rejects.toMatchObject(failed);
});

test('a turn that is cancelled ends for who follows it, and for who comes later', async () => {
  twin.reset();
  twin.plan({ text: LINE.repeat(20), tokenDelayMs: 50 });
  const session = await client.startSession({ scenarioId });
  const stream = session.stream('Where were you?');
  for await (const event of stream) {
    if (event.type === 'reply.delta') await session.cancelTurn(event.turnId);
  }
  const cancelled = { code: 'turn_cancelled', status: 409, sessionId: session.id };
  await expect(stream.turn).rejects.toMatchObject(cancelled);
  const [requested] = await read(stream);
  const turnId = requested?.type === 'turn.requested' ? requested.turnId : '';
  const late = client.followTurn(session.id, turnId, { after: 1_000_000_000 });
  expect(await read(late)).toEqual([]);
  await expect(late.turn).rejects.toMatchObject({ ...cancelled, turnId });
});

test('a scenario that somebody else has edited is not edited over', async () => {
  const { version } = await client.configureModel({ scenarioId: 'guarded', maxTokens: 90 });
  const next = await client.configureModel({ scenarioId: 'guarded', maxTokens: 91, expectedVersion: version });
  expect(next).toMatchObject({ scenarioId: 'guarded', version: version + 1 });
  const late = client.configureModel({ scenarioId: 'guarded', maxTokens: 92, expectedVersion: version });
  await expect(late).rejects.toMatchObject({ code: 'scenario_version_mismatch', status: 412 });
});
