import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { askingTwin, httpCalls } from './testing/http-calls.ts';

const TURNS = 20;
const PROMPT = 'a'.repeat(limits.http.maxPromptBytes);

let twin: ModelTwin;
let turnledger: EmbeddedProcess;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1', behaviour: { text: 'I see.' } });
  turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
});
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

test('a prompt of 32 KiB of one letter, twenty times over: each turn is answered, and the window keeps to its budget', async () => {
  const calls = httpCalls(turnledger.url);
  const history = { window_turns: TURNS, input_token_budget: 200_000 };
  await calls.post('/llm/configure', { scenario_id: 'long', persona: { name: 'Marta' }, history });
  const session = (await calls.post('/v1/sessions', { scenario_id: 'long' })).body.id;
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const reply = await calls.post(`/v1/sessions/${session}/turns`, { prompt: PROMPT });
    expect(reply).toMatchObject({ status: 200, body: { response: 'I see.', attempts: 1 } });
  }
  // Instructions, then each turn's two sides, then the prompt: all of the window is in the last request.
  expect(JSON.parse(twin.calls.at(-1)?.body ?? '').messages).toHaveLength(1 + 2 * (TURNS - 1) + 1);

  await calls.post('/llm/configure', {
    scenario_id: 'short',
    persona: { name: 'Marta' },
    history: { input_token_budget: 10_000 },
  });
  const small = (await calls.post('/v1/sessions', { scenario_id: 'short' })).body.id;
  for (let turn = 1; turn <= 4; turn += 1)
    expect((await calls.post(`/v1/sessions/${small}/turns`, { prompt: PROMPT })).status).toBe(200);
  expect(JSON.parse(twin.calls.at(-1)?.body ?? '').messages.length).toBeLessThan(1 + 2 * 3 + 1);
}, 60_000);
