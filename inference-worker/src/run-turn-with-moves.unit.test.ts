import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { sessionStream } from '@turnledger/shared/contracts';
import { judgeMove, type ScenarioConfig, type SessionEvent } from '@turnledger/shared/domain';
import type { KeyVault, Model, TurnMessage } from '@turnledger/shared/ports';
import {
  foldTurns,
  openLedger,
  openSessionEvents,
  promptAssemblers,
  scenarioMoves,
  silentLog,
  textSoFar,
} from '@turnledger/shared/runtime';
import {
  endsWell,
  ManualClock,
  type ModelStep,
  type PlayedPorts,
  ProgrammedModel,
  publishSample,
  requestSample,
  says,
  startSample,
} from '@turnledger/shared/testing';
import { keyedHash } from '@turnledger/shared/trust';
import { assemblePromptWithMoves } from './assemble-prompt-with-moves.ts';
import { chooseModel } from './choose-model.ts';
import { correctedPart } from './plan-moves.ts';
import { runTurn } from './run-turn.ts';

const schema = { type: 'object', required: ['verb'], properties: { verb: { enum: ['go', 'stay'] } } };
const required: Partial<ScenarioConfig> = { moves: { mode: 'required', schema } };
const optional: Partial<ScenarioConfig> = { moves: { mode: 'optional', schema } };
const fly = ['I fly.\n', '```move\n{"verb":"fly"}\n```'];
const go = ['I go.', '\n```mo', 've\n{"verb":"go"}\n```'];
const answers = (...texts: readonly string[]): readonly ModelStep[] => [...says(...texts), endsWell];

let clock: ManualClock;
let vault: KeyVault;
let feed: MemoryTurnFeed;
let log: MemoryEventLog;
let played: PlayedPorts;

beforeEach(() => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  feed = new MemoryTurnFeed({ clock });
  played = { ledger: openLedger({ log, vault, clock, ids }), vault, log, ids };
});

const run = (model: Model, message: TurnMessage) =>
  runTurn(
    {
      ...played,
      feed,
      clock,
      log: silentLog,
      models: new Map([['main', model]]),
      holders: { isLost: async () => false },
    },
    { message, worker: ids.uuid(), signal: new AbortController().signal },
  );

async function openTurn(changes: Partial<ScenarioConfig>, request: Parameters<typeof requestSample>[2] = {}) {
  await publishSample(played, changes);
  return requestSample(played, await startSample(played), request);
}

const eventsOf = async ({ sessionId }: TurnMessage): Promise<readonly SessionEvent<'opened'>[]> =>
  openSessionEvents(await log.readStream(sessionStream(sessionId)), vault);
const typesOf = async (message: TurnMessage) => (await eventsOf(message)).slice(2).map(({ type }) => type);
async function dataOf<Type extends SessionEvent['type']>(message: TurnMessage, type: Type) {
  const found = (await eventsOf(message)).filter((event) => event.type === type);
  return found.map(({ data }) => data) as unknown as readonly Extract<SessionEvent<'opened'>, { type: Type }>['data'][];
}
const lastPrompt = (model: ProgrammedModel) =>
  model.calls.all.at(-1)?.request.messages.map(({ role, content }) => `${role}: ${content}`) ?? [];
const structured = (...programs: readonly (readonly ModelStep[])[]) =>
  Object.assign(new ProgrammedModel(...programs), { keepsFormat: true });
async function reject({ sessionId, turnId }: TurnMessage, reason: string): Promise<void> {
  const verdict = { turnId, verdict: { verdict: 'rejected', reason } } as const;
  const context = { actor: 'game', correlationId: 'test' };
  await played.ledger.sessions.transact(sessionStream(sessionId), (state) => judgeMove(verdict, state), { context });
}
const deltasOf = async ({ turnId }: TurnMessage) => {
  const signal = new AbortController().signal;
  const kinds: string[] = [];
  for await (const { kind } of feed.read(turnId, { after: 0, signal, follow: false })) kinds.push(kind);
  return kinds.filter((kind) => kind === 'delta').length;
};

describe('a turn that is asked for a move', () => {
  test('is completed with the move, and its reply has no block in it, live or recorded', async () => {
    const message = await openTurn(required);
    await run(new ProgrammedModel(answers(...go)), message);
    expect((await dataOf(message, 'TurnCompleted'))[0]).toMatchObject({ reply: 'I go.', move: { verb: 'go' } });
    expect(await textSoFar({ feed, vault }, message.turnId, new AbortController().signal)).toBe('I go.');
  });

  test('is completed without one where moves are optional', async () => {
    const message = await openTurn(optional);
    await run(new ProgrammedModel(answers('I wait.')), message);
    expect((await dataOf(message, 'TurnCompleted'))[0]).toMatchObject({ reply: 'I wait.' });
    expect((await dataOf(message, 'TurnCompleted'))[0]).not.toHaveProperty('move');
  });

  test('says in its manifest that the assembler with moves made its prompt', async () => {
    const message = await openTurn(required);
    await run(new ProgrammedModel(answers(...go)), message);
    expect((await dataOf(message, 'TurnStarted'))[0]?.prompt).toMatchObject({ assembler: 2 });
    const plain = await openTurn({ moves: { mode: 'none' } });
    await run(new ProgrammedModel(answers('Aye.')), plain);
    expect((await dataOf(plain, 'TurnStarted'))[0]?.prompt).toMatchObject({ assembler: 1 });
  });

  test('fails before any money is spent where an old version’s schema cannot be used', async () => {
    const message = await openTurn({ moves: { mode: 'required', schema: { pattern: '(a+)+$' } } });
    const model = new ProgrammedModel(answers(...go));
    await run(model, message);
    expect((await dataOf(message, 'TurnFailed'))[0]).toMatchObject({ code: 'move_schema_invalid', stage: 'prompt' });
    expect(model.calls.all).toHaveLength(0);
  });
});

describe('a move that is not valid', () => {
  test('is corrected once: the next prompt shows what was wrong, and the manifest says so', async () => {
    const message = await openTurn(required);
    const model = new ProgrammedModel(answers(...fly), answers(...go));
    await run(model, message);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnStarted', 'TurnCompleted']);
    expect((await dataOf(message, 'TurnAttemptFailed'))[0]).toMatchObject({
      code: 'model_move_invalid',
      reply: fly.join(''),
      retryInMs: 0,
      usage: { input: 40, output: 7, source: 'reported' },
    });
    expect(lastPrompt(model).slice(-2)).toEqual([
      `assistant: ${fly.join('')}`,
      expect.stringContaining('user: {"move_invalid":'),
    ]);
    expect((await dataOf(message, 'TurnStarted')).map(({ prompt }) => prompt.correctionOfAttempt)).toEqual([
      undefined,
      1,
    ]);
  });

  test('twice is a turn that failed, with the fallback line, and what a player may see of it', async () => {
    const message = await openTurn(required);
    const model = new ProgrammedModel(answers(...fly));
    await run(model, message);
    expect(model.calls.all).toHaveLength(2);
    expect((await dataOf(message, 'TurnFailed'))[0]).toMatchObject({
      code: 'model_move_invalid',
      partial: 'I fly.',
      fallback: 'The troll only grunts.',
    });
  });

  test.each([
    ['where one is required and none is there', required, ['I wait.']],
    ['where one is optional and it is wrong', optional, fly],
    [
      'of 10,000 keys',
      optional,
      [
        `I.\n\`\`\`move\n${JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, n])))}\n\`\`\``,
      ],
    ],
  ])('%s, is asked for again', async (_where, changes, texts) => {
    const message = await openTurn(changes);
    await run(new ProgrammedModel(answers(...texts), answers(...go)), message);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnStarted', 'TurnCompleted']);
  });

  test('is final where no attempt is left, and where no time is', async () => {
    const once = await openTurn({ ...required, retry: { maxAttempts: 1 } });
    await run(new ProgrammedModel(answers(...fly)), once);
    expect(await typesOf(once)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnFailed']);
    const late = await openTurn({ ...required, retry: { maxAttempts: 3 } }, { deadlineMs: 200 });
    await run(new ProgrammedModel(answers(...fly)), late);
    expect(await typesOf(late)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnFailed']);
  });

  test('is still what is corrected after an attempt between that failed for another reason', async () => {
    const message = await openTurn(required);
    const overloaded: ModelStep = { kind: 'failed', code: 'model_overloaded', providerStatus: 529 };
    const model = new ProgrammedModel(answers(...fly), [overloaded], answers(...go));
    const running = run(model, message);
    while ((await typesOf(message)).length < 6) {
      await clock.advanceBy(1_000);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await running;
    expect((await dataOf(message, 'TurnStarted')).map(({ prompt }) => prompt.correctionOfAttempt)).toEqual([
      undefined,
      1,
      1,
    ]);
    expect(await typesOf(message)).toContain('TurnCompleted');
  });
});

describe('the prompt of a corrective attempt', () => {
  test.each([
    ['with a block', (...programs: readonly (readonly ModelStep[])[]) => new ProgrammedModel(...programs), go.join('')],
    ['structured', structured, '{"reply":"I go.","move":{"verb":"go"}}'],
  ] as const)('%s is built again from the log to its recorded hash', async (_form, modelOf, said) => {
    const first = await openTurn(required);
    const { sessionId } = first;
    await run(modelOf(answers(said)), first);
    await reject(first, 'The door is locked.');
    const message = await requestSample(played, sessionId);
    await run(modelOf(answers('I fly.'), answers(said)), message);

    const stored = await log.readStream(sessionStream(sessionId));
    const events = await openSessionEvents(stored, vault);
    const manifest = (await dataOf(message, 'TurnStarted')).at(-1)?.prompt;
    const requested = (await dataOf(message, 'TurnRequested')).at(-1);
    const state = await played.ledger.sessions.load(sessionStream(sessionId));
    const history = (await foldTurns(stored, { ...state, sessionId }, vault)).slice(0, 1);
    const scenario = (await played.ledger.scenarios.load('scenario-tavern')).versions[0];
    const rules = scenario && scenarioMoves('tavern', scenario);
    const key = await vault.dataKey(state.keyId);
    const failed = events.find(
      (event) => event.type === 'TurnAttemptFailed' && event.data.attempt === manifest?.correctionOfAttempt,
    );
    if (!scenario || !rules || !requested || key.outcome !== 'ok' || failed?.type !== 'TurnAttemptFailed')
      throw new TypeError('nothing to rebuild from');
    const form = manifest?.assembler === promptAssemblers.structured ? 'structured' : 'block';
    const corrected = correctedPart(failed.data.reply ?? '');
    const choice = chooseModel(scenario, message.turnId, 2);
    const parts = {
      scenario,
      history,
      requested,
      choice,
      model: 'programmed',
      asked: { rules, form },
      corrected,
    } as const;
    expect(keyedHash(key.key, 'prompt', assemblePromptWithMoves(parts))).toBe(manifest?.hmac);
  });
});

describe('a structured answer', () => {
  const said = (move: object | null) => JSON.stringify({ reply: 'I go.', move });

  test('is asked for by the format, and its reply is shown once it is whole, never its JSON', async () => {
    const message = await openTurn(required);
    const model = structured(answers('{"reply":"I ', 'go.","move":', '{"verb":"go"}}'));
    await run(model, message);
    expect(model.calls.all[0]?.request.format).toMatchObject({ name: 'answer' });
    expect((await dataOf(message, 'TurnCompleted'))[0]).toMatchObject({ reply: 'I go.', move: { verb: 'go' } });
    expect((await dataOf(message, 'TurnStarted'))[0]?.prompt).toMatchObject({ assembler: 3 });
    expect(await textSoFar({ feed, vault }, message.turnId, new AbortController().signal)).toBe('I go.');
    expect(await deltasOf(message)).toBe(1);
  });

  test('with a move that is not valid shows nothing, and is corrected', async () => {
    const message = await openTurn(required);
    await run(structured(answers(said({ verb: 'fly' })), answers(said({ verb: 'stay' }))), message);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnStarted', 'TurnCompleted']);
    expect(await deltasOf(message)).toBe(1);
  });

  test('that was cut leaves nothing that a player was shown', async () => {
    const message = await openTurn({ ...optional, retry: { maxAttempts: 1 } });
    await run(structured(says('{"reply":"I ')), message);
    const [failed] = await dataOf(message, 'TurnFailed');
    expect(failed).toMatchObject({ code: 'model_stream_cut' });
    expect(failed).not.toHaveProperty('partial');
  });
});

describe('a move that the game has rejected', () => {
  test.each([
    ['in the window', 20],
    ['outside of it', 0],
  ])('is told of in the next prompt, with its turn %s', async (_where, windowTurns) => {
    const first = await openTurn({ ...required, history: { windowTurns, inputTokenBudget: 8_000 } });
    const { sessionId } = first;
    await run(new ProgrammedModel(answers(...go)), first);
    await reject(first, 'The door is locked.');
    const model = new ProgrammedModel(answers(...go));
    await run(model, await requestSample(played, sessionId));
    expect(lastPrompt(model)).toContain('user: {"move_rejected":{"reason":"The door is locked."}}');
    const next = new ProgrammedModel(answers(...go));
    await run(next, await requestSample(played, sessionId));
    expect(lastPrompt(next).some((line) => line.includes('The door is locked.'))).toBe(windowTurns > 0);
  });
});
