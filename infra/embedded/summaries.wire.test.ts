import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTurnledgerClient, type StartedSession } from '@turnledger/shared/client';
import { type CallDocument, sessionStream } from '@turnledger/shared/contracts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { askingTwin, httpCalls } from './testing/http-calls.ts';
import { eventRows } from './testing/stored-rows.ts';

const scenarioId = 'lisbon-ledger.marta';
const WINDOW = 6;

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let session: StartedSession;

const start = async (dataDir?: string): Promise<void> => {
  turnledger = await startEmbeddedProcess({ env: askingTwin(twin), ...(dataDir !== undefined && { dataDir }) });
};
const clientOf = () => createTurnledgerClient({ baseUrl: turnledger.url });

/** Has the twin answer turns, and summaries with a text that says how many there were, or not at all. */
function answers({ isHeld = false } = {}): void {
  let summaries = 0;
  twin.plan(({ messages: [instructions] }) => {
    if (!String(instructions?.content).startsWith('You keep the memory of a conversation')) return { text: 'Aye.' };
    summaries += 1;
    return isHeld ? { fault: { kind: 'headers_never' } } : { text: `They spoke of ${summaries} things.` };
  });
}

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  await start();
  const history = { windowTurns: WINDOW, summary: { mode: 'rolling', model: 'memory', maxTokens: 100 } } as const;
  await clientOf().configureModel({ scenarioId, persona: { name: 'Marta Reis' }, history });
});
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});
beforeEach(async () => {
  twin.reset();
  answers();
  session = await clientOf().startSession({ scenarioId, playerId: 'player-7' });
});

const play = async (from: number, through: number): Promise<void> => {
  for (let position = from; position <= through; position += 1) await session.say(`Question ${position}.`);
};

const rows = async () =>
  (await eventRows(turnledger.dataDir, sessionStream(session.id))).map(({ type, data }) => ({
    type,
    data: JSON.parse(data),
  }));
const rowsOf = async (type: string) => (await rows()).filter((row) => row.type === type).map(({ data }) => data);

/** Looks at the log until a summary through that turn is there. */
async function summarisedThrough(position: number): Promise<void> {
  while (!(await rowsOf('HistorySummarized')).some(({ throughPosition }) => throughPosition >= position));
}

const turnRequests = () =>
  twin.calls.map(({ body }) => JSON.parse(body)).filter(({ model }: { model: string }) => model !== 'memory');
/** What the newest prompt of a turn says, without the instructions. */
const promptTexts = (): readonly string[] =>
  turnRequests()
    .at(-1)
    .messages.slice(1)
    .map(({ content }: { content: string }) => content);

const summaryCalls = async (): Promise<readonly CallDocument[]> => {
  const { body } = await httpCalls(turnledger.url).get(`/llm/logs?limit=100&session_id=${session.id}`);
  return (body.data as unknown as readonly CallDocument[]).filter(({ purpose }) => purpose === 'summary');
};

describe('a session that is longer than its window', () => {
  test('is remembered: the next prompt begins with a summary and goes on right behind it', async () => {
    await play(1, 31);
    await summarisedThrough(22);
    await session.say('Question 32.');
    const newest = (await rowsOf('TurnStarted')).at(-1).prompt;
    const told = (await rowsOf('HistorySummarized')).find(({ summaryId }) => summaryId === newest.summaryId);
    expect(newest).toMatchObject({ assembler: 4 });
    const [earlier = '', ...window] = promptTexts();
    expect(JSON.parse(earlier)).toEqual({ earlier: expect.stringMatching(/^They spoke of \d+ things\.$/) });
    const from = told.throughPosition + 1;
    expect(from).toBeLessThanOrEqual(32 - WINDOW);
    const expected = Array.from({ length: 32 - from }, (_, index) => [`Question ${from + index}.`, 'Aye.']);
    expect(window).toEqual([...expected.flat(), 'Question 32.']);
  });

  test('has each summary made of the one before and of the turns since, as data, with the model that was asked for', async () => {
    await play(1, 9);
    await summarisedThrough(3);
    await play(10, 12);
    await summarisedThrough(6);
    const asked = twin.calls.map(({ body }) => JSON.parse(body)).filter(({ model }) => model === 'memory');
    expect(asked.map(({ messages }) => messages.map(({ role }: { role: string }) => role))).toEqual([
      ['system', 'user'],
      ['system', 'user'],
    ]);
    const turns = (positions: readonly number[]) =>
      positions.map((position) => ({ input: `Question ${position}.`, reply: 'Aye.' }));
    expect(asked.map(({ messages }) => JSON.parse(messages[1].content).summarise)).toEqual([
      { character: 'Marta Reis', turns: turns([1, 2, 3]) },
      { character: 'Marta Reis', earlier: 'They spoke of 1 things.', turns: turns([4, 5, 6]) },
    ]);
    expect(asked[0]).toMatchObject({ max_tokens: 100 });
  });

  test('has its summaries among the calls and in the account', async () => {
    await play(1, 9);
    await summarisedThrough(3);
    await session.say('Question 10.');
    await session.read();
    const [call, ...others] = await summaryCalls();
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      purpose: 'summary',
      model: 'memory',
      status: 'completed',
      usage: { source: 'reported' },
      session_id: session.id,
    });
    expect(call?.ended_at).not.toBeNull();
    const usage = await httpCalls(turnledger.url).get(`/v1/usage?scenario_id=${scenarioId}&by=model`);
    expect(JSON.stringify(usage.body)).toContain('"memory"');
  });

  test('forgets what a rewind has cut, and keeps the summary before it', async () => {
    await play(1, 9);
    await summarisedThrough(3);
    await play(10, 12);
    await summarisedThrough(6);
    const { turns } = await session.lineage();
    await session.rewind({ turnId: turns[10]?.id ?? '' });
    await session.say('Another question 12.');
    expect(JSON.parse(promptTexts()[0] ?? '')).toEqual({ earlier: 'They spoke of 1 things.' });
    expect(promptTexts().slice(1, 3)).toEqual(['Question 4.', 'Aye.']);
    await session.rewind({ turnId: turns[1]?.id ?? '' });
    await session.say('Another question 3.');
    expect(promptTexts()).toEqual(['Question 1.', 'Aye.', 'Question 2.', 'Aye.', 'Another question 3.']);
  });
});

describe('a summary that takes its time', () => {
  test('keeps no turn waiting, and is taken up again after its process has died', async () => {
    answers({ isHeld: true });
    await play(1, 9);
    while ((await rowsOf('SummaryStarted')).length === 0);
    await play(10, 14);
    expect((await rows()).filter(({ type }) => type.startsWith('Summary')).map(({ type }) => type)).toEqual([
      'SummaryStarted',
    ]);
    const { id } = session;
    await turnledger.kill9();
    answers();
    await start(turnledger.dataDir);
    session = { ...session, id } as StartedSession;
    const again = await httpCalls(turnledger.url).post(`/v1/sessions/${id}/turns`, { prompt: 'Question 15.' });
    expect(again).toMatchObject({ status: 200 });
    await summarisedThrough(9);
    expect((await rows()).map(({ type }) => type).slice(-3)).toEqual([
      'SummaryFailed',
      'SummaryStarted',
      'HistorySummarized',
    ]);
    expect((await rowsOf('SummaryFailed'))[0]).toMatchObject({ code: 'worker_lost' });
    const calls = await summaryCalls();
    expect(calls.map(({ status, error }) => [status, error?.code])).toEqual([
      ['completed', undefined],
      ['failed', 'worker_lost'],
    ]);
  });

  test('is aborted by a process that leaves, which records what it spent', async () => {
    answers({ isHeld: true });
    await play(1, 9);
    while ((await rowsOf('SummaryStarted')).length === 0);
    const { id } = session;
    expect(await turnledger.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    await start(turnledger.dataDir);
    session = { ...session, id } as StartedSession;
    expect((await rowsOf('SummaryFailed'))[0]).toMatchObject({
      code: 'worker_stopped',
      usage: { source: 'estimated' },
    });
  });
});

describe('a fork', () => {
  test('is told the summary of the past that it shares, and extends it', async () => {
    await play(1, 12);
    await summarisedThrough(6);
    const fork = await session.fork();
    await fork.say('Another question.');
    const [earlier = '', ...window] = promptTexts();
    expect(JSON.parse(earlier)).toEqual({ earlier: expect.stringMatching(/^They spoke of \d+ things\.$/) });
    expect(window.slice(-3)).toEqual(['Question 12.', 'Aye.', 'Another question.']);
    const made = twin.calls.length;
    for (let turn = 1; turn <= 4; turn += 1) await fork.say(`And ${turn}?`);
    const ofFork = () =>
      twin.calls
        .slice(made)
        .map(({ body }) => JSON.parse(body))
        .filter(({ model }) => model === 'memory');
    while (ofFork().length === 0) await fork.read();
    const { summarise } = JSON.parse(ofFork()[0].messages[1].content);
    expect(summarise.earlier).toMatch(/^They spoke of \d+ things\.$/);
    expect(summarise.turns[0].input).toMatch(/^Question \d+\.$/);
  });
});
