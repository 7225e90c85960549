import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { createScriptedModel } from '@turnledger/shared/adapters/scripted';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import {
  cancelTurn,
  claimTurn,
  completeSummary,
  completeTurn,
  rewindSession,
  type ScenarioConfig,
  startSummary,
  turnOf,
} from '@turnledger/shared/domain';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  ManualClock,
  ProgrammedModel,
  publishSample,
  requestSample,
  sampleClaim,
  sampleCompletion,
  sampleHmac,
  samplePlannedCall,
  sampleRewind,
  sampleSummary,
  startSample,
} from '@turnledger/shared/testing';
import { keyedHash } from '@turnledger/shared/trust';
import { planAttempt } from './plan-attempt.ts';
import { planSummary } from './plan-summary.ts';
import type { WorkerPorts } from './ports.ts';

const { maxSideChars, maxTurns } = limits.summary;
const memory = { mode: 'rolling', maxTokens: 100 } as const;
const context = { actor: 'game', correlationId: 'test' };

let log: MemoryEventLog;
let ports: WorkerPorts;
let sessionId: string;

const played = () => ({ ledger: ports.ledger, vault: ports.vault, log, ids });
const stateOf = () => ports.ledger.sessions.load(sessionStream(sessionId));
const plan = async () => planSummary(ports, sessionId, await stateOf());
const askedTurns = async (): Promise<readonly { input: string; reply: string }[]> =>
  JSON.parse((await plan())?.request.messages[1]?.content ?? '{}').summarise?.turns;

/** A session of a scenario whose window has so many turns. */
async function startSession(
  windowTurns: number,
  more: object = { summary: memory },
  scenario: Partial<ScenarioConfig> = {},
): Promise<void> {
  await publishSample(played(), { history: { windowTurns, inputTokenBudget: 8_000, ...more }, ...scenario });
  sessionId = await startSample(played());
}

/** Plays turns with the prompts that a worker would make. */
async function play(from: number, through: number, text = (turn: number) => `Question ${turn}.`, tokens = 4) {
  const stream = sessionStream(sessionId);
  for (let turn = from; turn <= through; turn += 1) {
    const { turnId } = await requestSample(played(), sessionId, { text: text(turn), tokens });
    const { prompt } = await planned(turnId);
    const callId = ids.uuid();
    const claim = sampleClaim({ turnId, worker: ids.uuid(), calls: [samplePlannedCall(callId)], prompt });
    await ports.ledger.sessions.transact(stream, (state) => claimTurn(claim, state), { context });
    const ending = sampleCompletion({ turnId, callId, reply: `Answer ${turn}.`, cost: { priceTable: 'sample' } });
    await ports.ledger.sessions.transact(stream, (state) => completeTurn(ending, state), { context });
  }
}

/** What an open turn would be asked with. */
async function planned(turnId: string) {
  const state = await stateOf();
  const turn = turnOf(state, turnId);
  if (!turn) throw new TurnledgerError('turn_not_found');
  return planAttempt(ports, sessionId, state, turn);
}

/** Has the summary that is due claimed and recorded with a text. */
async function summarise(text: string, tokens = 20): Promise<void> {
  const due = await plan();
  if (!due) return;
  const { summaryId, fromTurnId, throughTurnId, throughPosition, call, prompt } = due;
  const claim = { summaryId, fromTurnId, throughTurnId, throughPosition, calls: [call], prompt };
  const started = { ...claim, worker: ids.uuid(), leaseMs: limits.worker.leaseMs };
  const done = sampleSummary({
    summaryId,
    callId: call.callId,
    fromTurnId,
    text,
    tokens,
    cost: { priceTable: 'sample' },
  });
  const stream = sessionStream(sessionId);
  await ports.ledger.sessions.transact(stream, (state) => startSummary(started, state), { context });
  await ports.ledger.sessions.transact(stream, (state) => completeSummary(done, state), { context });
}

/** What the next turn would be asked with. */
async function nextPrompt() {
  const { turnId } = await requestSample(played(), sessionId, { text: 'And now?' });
  const { request, prompt } = await planned(turnId);
  const cancel = { turnId, by: 'game', reason: 'requested' } as const;
  await ports.ledger.sessions.transact(sessionStream(sessionId), (now) => cancelTurn(cancel, now), { context });
  return { prompt, request, texts: request.messages.slice(1).map(({ content }) => content) };
}

beforeEach(() => {
  const clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  ports = {
    vault,
    clock,
    ids,
    ledger: openLedger({ log, vault, clock, ids }),
    feed: new MemoryTurnFeed({ clock }),
    log: silentLog,
    models: new Map([['main', new ProgrammedModel([])]]),
    holders: { isLost: async () => false },
  };
});

describe('the plan of a summary', () => {
  test('tells the turns behind the window and names them, and its hash is of the request', async () => {
    await startSession(4);
    await play(1, 6);
    const due = await plan();
    const state = await stateOf();
    expect(await askedTurns()).toEqual(
      [1, 2].map((turn) => ({ input: `Question ${turn}.`, reply: `Answer ${turn}.` })),
    );
    const dataKey = await ports.vault.dataKey(state.keyId);
    expect(dataKey.outcome === 'ok' && keyedHash(dataKey.key, 'prompt', due?.request)).toBe(due?.prompt.hmac);
    expect(due).toMatchObject({
      throughPosition: 2,
      prompt: { fromTurnId: due?.fromTurnId, throughTurnId: due?.throughTurnId },
    });
    expect(due?.prompt).not.toHaveProperty('summaryId');
  });

  test('is none while a turn is open, without summaries, and where no endpoint is there', async () => {
    await startSession(4);
    await play(1, 6);
    const kept = ports;
    ports = { ...ports, models: new Map() };
    expect(await plan()).toBeUndefined();
    ports = kept;
    await requestSample(played(), sessionId);
    expect(await plan()).toBeUndefined();
    await startSession(4, {});
    await play(1, 6);
    expect(await plan()).toBeUndefined();
  });

  test('leaves out what enters no prompt, and is none where nothing was said', async () => {
    await startSession(2);
    const cancelled = async () => {
      const { turnId } = await requestSample(played(), sessionId, { text: 'Never mind.' });
      const cancel = { turnId, by: 'game', reason: 'requested' } as const;
      await ports.ledger.sessions.transact(sessionStream(sessionId), (state) => cancelTurn(cancel, state), { context });
    };
    for (let turn = 1; turn <= 3; turn += 1) await cancelled();
    expect(await plan()).toBeUndefined();
    await play(4, 6);
    expect(await askedTurns()).toEqual([{ input: 'Question 4.', reply: 'Answer 4.' }]);
  });

  test('stays within the token budget, with one turn in any case, whose sides are cut', async () => {
    await startSession(2, { summary: memory, inputTokenBudget: 1 });
    await play(1, 6, () => 'é'.repeat(2 * maxSideChars));
    expect(await askedTurns()).toEqual([{ input: 'é'.repeat(maxSideChars), reply: 'Answer 1.' }]);
  });

  test('tells so many turns at most, and leaves the others to the next', async () => {
    await startSession(1);
    await play(1, maxTurns + 3);
    expect(await askedTurns()).toHaveLength(maxTurns);
    await summarise('They talked.');
    expect(await askedTurns()).toHaveLength(2);
  });
});

describe('the prompt of a turn', () => {
  test('begins with the summary and goes on right behind it, with no more than two windows of turns', async () => {
    await startSession(2);
    await play(1, 4);
    await summarise('They met.');
    const told = await nextPrompt();
    expect(told?.texts).toEqual([
      '{"earlier":"They met."}',
      'Question 3.',
      'Answer 3.',
      'Question 4.',
      'Answer 4.',
      'And now?',
    ]);
    expect(told?.prompt).toMatchObject({ assembler: 4, summaryId: (await stateOf()).summaries?.held[0]?.summaryId });
    await play(5, 9);
    const later = await nextPrompt();
    expect(later?.texts.filter((text) => text.startsWith('Question'))).toHaveLength(4);
    expect(later?.texts[0]).toBe('{"earlier":"They met."}');
  });

  test('is told none that covers a turn of its own window, as after a rewind', async () => {
    await startSession(2);
    await play(1, 4);
    await summarise('They met.');
    const { history } = await stateOf();
    const toTurnId = history?.previous?.turnId ?? '';
    const rewind = { ...sampleRewind({ rewindId: ids.uuid(), toTurnId }), bodyHmac: sampleHmac };
    await ports.ledger.sessions.transact(sessionStream(sessionId), (state) => rewindSession(rewind, state), {
      context,
    });
    const told = await nextPrompt();
    expect(told?.prompt.assembler).toBe(1);
    expect(told?.texts[0]).toBe('Question 2.');
  });

  test('is told none that does not fit', async () => {
    await startSession(2);
    await play(1, 4);
    await summarise('They met.', 8_000);
    expect((await nextPrompt())?.prompt).not.toHaveProperty('summaryId');
  });

  test('is told a newer summary where tokens have cut the window, and no turn twice', async () => {
    await startSession(4, { summary: memory, inputTokenBudget: 450 });
    await play(1, 6);
    await summarise('They met.');
    const long = (turn: number) => `Question ${turn}. ${'And? '.repeat(20)}`;
    await play(7, 9, long, 90);
    expect((await plan())?.throughPosition).toBeGreaterThan(9 - 4);
    await summarise('They met, and she asked.');
    const told = await nextPrompt();
    expect(told?.texts[0]).toBe('{"earlier":"They met, and she asked."}');
    const { summaries } = await stateOf();
    expect(told?.prompt.summaryId).toBe(summaries?.held.at(-1)?.summaryId);
    const positions = told?.texts.flatMap((text) => /^Question (\d+)/.exec(text)?.[1] ?? []).map(Number) ?? [];
    expect(positions[0]).toBeGreaterThan(summaries?.held.at(-1)?.throughPosition ?? 0);
  });

  test('is told it where moves are asked for too, and a move is still understood to be', async () => {
    const schema = { type: 'object', required: ['verb'], properties: { verb: { enum: ['go'] } } };
    await startSession(2, { summary: memory }, { moves: { mode: 'optional', schema } });
    await play(1, 4);
    await summarise('They met.');
    const told = await nextPrompt();
    expect(told?.prompt.assembler).toBe(5);
    expect(told?.texts.slice(0, 2)).toEqual(['{"earlier":"They met."}', 'Question 3.']);
    expect(told?.request.messages[0]?.content).toMatch(/## Moves[\s\S]*## Earlier/);
    let text = '';
    const scripted = createScriptedModel({ wordDelayMs: 0 });
    if (told)
      for await (const event of scripted.reply(told.request, 'call', new AbortController().signal))
        if (event.kind === 'delta') text += event.text;
    expect(text).toContain('```move\n{"verb":"go"}\n```');
  });

  test('counts the summary’s tokens as they were recorded', async () => {
    await startSession(2);
    await play(1, 4);
    await summarise('They met.', 1_000);
    expect((await nextPrompt())?.prompt.estimatedTokens).toBeGreaterThan(1_000);
  });
});
