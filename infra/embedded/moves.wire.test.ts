import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTurnledgerClient } from '@turnledger/shared/client';
import { sessionStream } from '@turnledger/shared/contracts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type HttpCalls, type HttpReply, httpCalls } from './testing/http-calls.ts';
import { eventRows } from './testing/stored-rows.ts';

const schema = {
  type: 'object',
  required: ['verb', 'to'],
  properties: { verb: { enum: ['go', 'stay'] }, to: { $ref: '#/$defs/place' } },
  additionalProperties: false,
  $defs: { place: { enum: ['harbour', 'office'] } },
};
const move = { verb: 'go', to: 'office' };
const block = (value: unknown) => `Follow me.\n\n\`\`\`move\n${JSON.stringify(value)}\n\`\`\``;

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let calls: HttpCalls;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  const endpoint = { base_url: twin.url, model: 'twin' };
  turnledger = await startEmbeddedProcess({
    env: {
      TURNLEDGER_ENDPOINTS: JSON.stringify({ plain: endpoint, strict: { ...endpoint, structured_output: true } }),
      TURNLEDGER_SCRIPTED_WORD_MS: '0',
    },
  });
  calls = httpCalls(turnledger.url);
  for (const endpoint of ['default', 'plain', 'strict']) {
    await calls.post('/llm/configure', {
      scenario_id: `moves-${endpoint}`,
      models: [{ name: 'default', endpoint }],
      moves: { mode: 'required', schema },
      fallback_lines: ['She says nothing.'],
    });
  }
});
beforeEach(() => twin.reset());
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

/** Has the twin answer one text after another, the last one again and again. */
function answers(...texts: readonly string[]): void {
  let asked = 0;
  twin.plan(() => {
    asked += 1;
    return { text: texts[Math.min(asked, texts.length) - 1] ?? '' };
  });
}

const say = (scenario: string, more: object = {}) =>
  calls.generate({ prompt: 'Show me.', scenario_id: `moves-${scenario}`, ...more });
const pathOf = ({ body }: HttpReply) => `/v1/sessions/${body.session_id}/turns/${body.id}`;
const sentTo = (index: number) => JSON.parse(twin.calls.at(index)?.body ?? '{}');
const typesOf = async ({ body }: HttpReply) =>
  (await eventRows(turnledger.dataDir, sessionStream(body.session_id))).slice(2).map(({ type }) => type);

describe('a move in a block', () => {
  test('is answered beside the reply, and nowhere in it', async () => {
    answers(block(move));
    const reply = await say('plain');
    expect(reply).toMatchObject({ status: 200, body: { response: 'Follow me.', move, move_verdict: null } });
    expect(sentTo(-1)).not.toHaveProperty('response_format');
    expect(sentTo(-1).messages[0].content).toContain(JSON.stringify(schema));
  });

  test('is never in the stream of the reply', async () => {
    answers(block(move));
    const text = await fetch(`${turnledger.url}/llm/generate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'Show me.', scenario_id: 'moves-plain', stream: true }),
    }).then((response) => response.text());
    const said = [...text.matchAll(/^event: reply\.delta\ndata: (.*)$/gm)].map(
      ([, data = '']) => JSON.parse(data).text,
    );
    expect(said.join('')).toBe('Follow me.');
    expect(text).toContain('"move":{"verb":"go","to":"office"}');
  });

  test('that is not valid is asked for once more, with the answer in sight', async () => {
    answers(block({ verb: 'fly' }), block(move));
    const reply = await say('plain');
    expect(reply).toMatchObject({ status: 200, body: { move, attempts: 2 } });
    expect(sentTo(-1).messages.slice(-2)).toEqual([
      { role: 'assistant', content: block({ verb: 'fly' }) },
      { role: 'user', content: expect.stringContaining('move_invalid') },
    ]);
    expect(await typesOf(reply)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnStarted', 'TurnCompleted']);
  });

  test('that is not valid twice is a turn that failed, with its fallback line', async () => {
    answers('I would rather not.');
    const reply = await say('plain');
    expect(reply).toMatchObject({
      status: 502,
      body: { code: 'turn_failed', reason: 'model_move_invalid', fallback: 'She says nothing.' },
    });
    expect(twin.totalCalls).toBe(2);
  });

  test('of the scripted model is the plainest that the schema allows', async () => {
    expect(await say('default')).toMatchObject({ status: 200, body: { move: { verb: 'go', to: 'harbour' } } });
  });
});

describe('a structured answer', () => {
  test('is asked for where the operator says that the endpoint gives it', async () => {
    answers(JSON.stringify({ reply: 'Follow me.', move }));
    expect(await say('strict')).toMatchObject({ status: 200, body: { response: 'Follow me.', move } });
    expect(sentTo(-1).response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { schema: { required: ['reply', 'move'], $defs: schema.$defs } },
    });
  });
});

describe('an answer whose move was not valid', () => {
  const saidIn = (text: string) =>
    [...text.matchAll(/^event: reply\.delta\ndata: (.*)$/gm)].map(([, data = '']) => JSON.parse(data).text).join('');

  test.each([
    ['plain', block({ verb: 'fly' }), block(move), 'Follow me.Follow me.'],
    [
      'strict',
      JSON.stringify({ reply: 'Follow me.', move: { verb: 'fly' } }),
      JSON.stringify({ reply: 'Follow me.', move }),
      'Follow me.',
    ],
  ])('is shown later as it was live, without the move: %s', async (scenario, invalid, valid, shown) => {
    answers(invalid, valid);
    const { body } = await calls.post('/v1/sessions', { scenario_id: `moves-${scenario}` });
    const path = `/v1/sessions/${body.id}`;
    const request = { prompt: 'Show me.', stream: true };
    const live = await calls.post(`${path}/turns`, request, { accept: 'text/event-stream' });
    await calls.post(`${path}/end`, {});
    const replay = await calls.get(`${path}/replay?speed=max`, { accept: 'text/event-stream' });
    const spectated = await calls.get(`${path}/events?from=start`);
    for (const { text } of [live, replay, spectated]) {
      expect(saidIn(text)).toBe(shown);
      expect(text).not.toContain('fly');
    }
  });
});

describe('the verdict of the game', () => {
  test('is in the turn wherever it is read, and the reason of a rejection in the next prompt', async () => {
    answers(block(move));
    const reply = await say('plain');
    const { session_id } = reply.body;
    const judged = await calls.post(`${pathOf(reply)}/move`, { verdict: 'rejected', reason: 'The door is locked.' });
    const move_verdict = { verdict: 'rejected', state_rev: null, reason: 'The door is locked.' };
    expect(judged).toMatchObject({ status: 200, body: { move, move_verdict } });
    const read = await calls.get(`${pathOf(reply)}?min_position=${judged.body.log_position}`);
    const { log_position: _position, ...turn } = judged.body;
    expect(read.body).toEqual(turn);
    const replay = await calls.get(`/v1/sessions/${session_id}/replay`);
    expect(JSON.parse(replay.text).turns).toEqual([turn]);
    await say('plain', { session_id });
    expect(sentTo(-1).messages).toContainEqual({
      role: 'user',
      content: '{"move_rejected":{"reason":"The door is locked."}}',
    });
  });

  test('is given once: the same again is the same, another is refused, also after the end', async () => {
    answers(block(move));
    const reply = await say('plain');
    await calls.post(`/v1/sessions/${reply.body.session_id}/end`, {});
    const judge = (verdict: object) => calls.post(`${pathOf(reply)}/move`, verdict);
    const first = await judge({ verdict: 'rejected', reason: 'No.' });
    expect(first.status).toBe(200);
    expect((await judge({ verdict: 'rejected', reason: 'No.' })).body).toEqual(first.body);
    for (const other of [
      { verdict: 'rejected', reason: 'Not now.' },
      { verdict: 'accepted', state_rev: 8 },
    ])
      expect(await judge(other)).toMatchObject({ status: 409, body: { code: 'move_already_judged' } });
    expect(await typesOf(reply)).toEqual(['TurnStarted', 'TurnCompleted', 'SessionEnded', 'MoveRejected']);
  });

  test('is given through the client, with its guard', async () => {
    answers(block(move));
    const session = await createTurnledgerClient({ baseUrl: turnledger.url }).startSession({
      scenarioId: 'moves-plain',
    });
    const turn = await session.say('Show me.');
    expect(turn.move).toEqual(move);
    const accepted = { verdict: 'accepted', stateRev: 8 } as const;
    await expect(session.judgeMove(turn.id, accepted, { ifMatch: '"0"' })).rejects.toMatchObject({
      code: 'session_revision_mismatch',
    });
    const { etag = '' } = await session.read();
    expect(await session.judgeMove(turn.id, accepted, { ifMatch: etag })).toMatchObject({
      moveVerdict: { verdict: 'accepted', stateRev: 8, reason: null },
    });
  });
});

describe('the figures of a scenario', () => {
  test('tell per version how many moves were illegal', async () => {
    const client = createTurnledgerClient({ baseUrl: turnledger.url });
    const configure = (instructions: string) =>
      client.configureModel({
        scenarioId: 'counted',
        persona: { instructions },
        models: [{ name: 'default', endpoint: 'plain' }],
        moves: { mode: 'optional', schema },
      });
    await configure('You are a clerk.');
    await configure('You are a clerk with something to hide.');
    answers(block({ verb: 'fly' }), block(move), block(move), 'I wait.');
    const session = await client.startSession({ scenarioId: 'counted', scenarioVersion: 1 });
    const [first, second] = [await session.say('One.'), await session.say('Two.')];
    await session.say('Three.');
    await session.judgeMove(first.id, { verdict: 'accepted', stateRev: 8 });
    const { logPosition = '' } = await session.judgeMove(second.id, { verdict: 'rejected', reason: 'No.' });
    const figures = [];
    for await (const version of client.scenarioStats('counted', { minPosition: logPosition })) figures.push(version);
    const none = { movesProposed: 0, movesAccepted: 0, movesRejected: 0, movesInvalid: 0, illegalMoveRate: null };
    expect(figures).toEqual([
      { version: 2, turns: 0, ...none },
      {
        version: 1,
        turns: 3,
        movesProposed: 2,
        movesAccepted: 1,
        movesRejected: 1,
        movesInvalid: 1,
        illegalMoveRate: 2 / 3,
      },
    ]);
  });
});
