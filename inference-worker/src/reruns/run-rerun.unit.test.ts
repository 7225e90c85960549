import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  openMemoryKeyVault,
  openMemoryLeadership,
} from '@turnledger/shared/adapters/memory';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import {
  isRerunSessionId,
  rerunStream,
  scenarioStream,
  sessionStream,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import {
  cancelRerun,
  cancelTurn,
  finishRerun,
  type GateThresholds,
  judgeMove,
  openGate,
  type RerunRequest,
  type RerunState,
  requestRerun,
  rewindSession,
  turnsToRepeat,
} from '@turnledger/shared/domain';
import type { EventLog, KeyVault, Model, ModelEvent, ModelRequest, TurnMessage } from '@turnledger/shared/ports';
import { openLedger, priceTable, silentLog } from '@turnledger/shared/runtime';
import {
  Arrivals,
  endsWell,
  FaultyEventLog,
  publishSample,
  requestSample,
  says,
  startSample,
} from '@turnledger/shared/testing';
import { FencedCalls } from '../fenced-calls.ts';
import { runTurn } from '../run-turn.ts';
import { summariseHistory } from '../summarise-history.ts';
import { repeatRecordedTurn } from './repeat-turn.ts';
import { rerunSessionIdOf } from './rerun-ids.ts';
import { rerunLanes } from './rerun-lanes.ts';
import type { RerunPorts } from './rerun-ports.ts';
import { runRerun } from './run-rerun.ts';
import { silentFeed } from './silent-feed.ts';
import { SpendBudget } from './spend-budget.ts';

const context = { actor: 'operator', correlationId: 'test' };
const neverAborts = () => new AbortController().signal;

type Answer = (request: ModelRequest) => string | readonly ModelEvent[];

/** A log whose process has died: from then on it answers nothing, and takes nothing. */
function mortal(inner: EventLog): { readonly log: EventLog; die(): void } {
  let isDead = false;
  const never = <T>(): Promise<T> => new Promise(() => {});
  const guarded: EventLog = {
    append: (...asked) => (isDead ? never() : inner.append(...asked)),
    readStream: (...asked) => (isDead ? never() : inner.readStream(...asked)),
    readHead: (...asked) => (isDead ? never() : inner.readHead(...asked)),
    subscribe: (options) => inner.subscribe(options),
    headPosition: () => inner.headPosition(),
    close: async () => {},
  };
  return {
    log: guarded,
    die: () => {
      isDead = true;
    },
  };
}

/** A model that answers by a function of what it is asked; while it is held, requests wait. */
class AnsweringModel implements Model {
  readonly isScripted = false;
  readonly defaultModel: string;
  readonly #answer: Answer;
  readonly asked = new Arrivals<ModelRequest>();
  #opened: Promise<void> = Promise.resolve();
  #open: () => void = () => {};

  constructor(defaultModel: string, answer: Answer) {
    this.defaultModel = defaultModel;
    this.#answer = answer;
  }

  hold(): void {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#open();
  }

  async *reply(request: ModelRequest, _callId: string, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    this.asked.add(request);
    await Promise.race([this.#opened, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
    if (signal.aborted) return;
    const answer = this.#answer(request);
    yield* typeof answer === 'string' ? [...(says(answer) as readonly ModelEvent[]), endsWell as ModelEvent] : answer;
  }
}

const lastWords = ({ messages }: ModelRequest) => messages.at(-1)?.content ?? '';
const echo = (name: string) => new AnsweringModel(name, (request) => `${name} hears: ${lastWords(request)}`);

let log: EventLog;
let vault: KeyVault;
let main: AnsweringModel;
let other: AnsweringModel;
let ports: RerunPorts;

beforeEach(() => {
  log = new MemoryEventLog({ clock });
  vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  main = echo('main-model');
  other = echo('other-model');
  ports = {
    ledger: openLedger({ log, vault, clock, ids }),
    vault,
    feed: silentFeed,
    clock,
    ids,
    log: silentLog,
    models: new Map([
      ['main', main],
      ['candidate', other],
    ]),
    holders: { isLost: async () => true },
    views: { query: async () => [] },
    leadership: openMemoryLeadership({ clock, report: () => {} }),
  };
});

const played = () => ({ ledger: ports.ledger, vault, log, ids });

/** Plays turns as a worker does, so that their prompts are recorded as they were sent. */
async function play(sessionId: string, ...texts: readonly string[]): Promise<readonly TurnMessage[]> {
  const messages: TurnMessage[] = [];
  for (const text of texts) {
    const message = await requestSample(played(), sessionId, { text });
    await runTurn(ports, { message, worker: ids.uuid(), signal: neverAborts() });
    messages.push(message);
  }
  return messages;
}

/** A session of three turns. */
async function recorded(changes: Parameters<typeof publishSample>[1] = {}): Promise<string> {
  await publishSample(played(), changes);
  const sessionId = await startSample(played());
  await play(sessionId, 'Who goes there?', 'Let me pass.', 'Then fight me.');
  return sessionId;
}

const stateOf = (sessionId: string) => ports.ledger.sessions.load(sessionStream(sessionId));

async function ask(
  sessionIds: readonly string[],
  changes: Partial<RerunRequest> = {},
  rerunId = ids.uuid(),
): Promise<string> {
  const sources = [];
  for (const sessionId of sessionIds) {
    const state = await stateOf(sessionId);
    const throughTurnId = state.history?.turnId ?? '';
    sources.push({ sessionId, throughTurnId, turns: turnsToRepeat(state, throughTurnId).length });
  }
  const request: RerunRequest = {
    scenarioId: 'tavern',
    mode: 'teacher_forced',
    sources,
    turns: sources.reduce((sum, { turns }) => sum + turns, 0),
    overrides: {},
    reuse: true,
    concurrency: 4,
    bodyHash: 'a0'.repeat(32),
    ...changes,
  };
  await ports.ledger.reruns.transact(rerunStream(rerunId), (state) => requestRerun(request, state), { context });
  return rerunId;
}

async function runIt(
  rerunId: string,
  { leaving = neverAborts(), deadline = neverAborts(), on = ports } = {},
): Promise<RerunState> {
  const worker = ids.uuid();
  const calls = new FencedCalls({ clock, log: silentLog, worker });
  await runRerun(on, { rerunId, worker, leaving, deadline }, calls);
  return ports.ledger.reruns.load(rerunStream(rerunId));
}

const asksOther = { model: { name: 'other-model', endpoint: 'candidate' } };
const byPosition = ({ comparisons }: RerunState) => [...comparisons].sort((one, next) => one.position - next.position);

describe('runRerun', () => {
  test('keeps every recorded reply where nothing is changed, and asks nobody', async () => {
    const before = main.asked.all.length;
    const rerunId = await ask([await recorded()]);
    const state = await runIt(rerunId);
    expect(state).toMatchObject({ status: 'completed', comparisons: [{}, {}, {}] });
    expect(
      state.comparisons.map(({ outcome, isSameText, similarity }) => ({ outcome, isSameText, similarity })),
    ).toEqual(Array.from({ length: 3 }, () => ({ outcome: 'reused', isSameText: true, similarity: 1 })));
    expect(main.asked.all).toHaveLength(before + 3);
  });

  test('asks each turn after its recorded history, to the byte, though the session went on', async () => {
    const sessionId = await recorded();
    const sent = [...main.asked.all];
    const rerunId = await ask([sessionId], { reuse: false });
    await play(sessionId, 'Something later.');
    const later = main.asked.all.length;
    const state = await runIt(rerunId);
    expect(state.comparisons).toHaveLength(3);
    const again = main.asked.all.slice(later);
    const byLength = (one: ModelRequest, next: ModelRequest) => one.messages.length - next.messages.length;
    expect([...again].sort(byLength)).toEqual(sent.sort(byLength));
  });

  test('asks the model that is named in place of the recorded one, and compares', async () => {
    const state = await runIt(await ask([await recorded()], { overrides: asksOther }));
    expect(byPosition(state)[1]).toMatchObject({
      position: 2,
      outcome: 'completed',
      isSameText: false,
      move: 'none',
      recorded: { status: 'completed', model: 'some-model', inputTokens: 40, outputTokens: 7, attempts: 1 },
      repeated: { status: 'completed', attempts: 1 },
    });
    expect(other.asked.all.map(({ model, endpoint }) => `${model}@${endpoint}`)).toEqual(
      Array.from({ length: 3 }, () => 'other-model@candidate'),
    );
  });

  test('changes parameters alone where those alone are named', async () => {
    const sessionId = await recorded();
    const before = main.asked.all.length;
    await runIt(await ask([sessionId], { overrides: { temperature: 0.1, maxTokens: 12 } }));
    const again = main.asked.all.slice(before);
    expect(again.map(({ parameters }) => parameters)).toEqual(
      Array.from({ length: 3 }, () => ({ temperature: 0.1, maxTokens: 12, stop: [] })),
    );
  });

  test('plays another version of the scenario where one is named', async () => {
    const sessionId = await recorded();
    await publishSample(played(), { persona: { name: 'Troll', instructions: 'Let everybody pass.' } });
    const before = main.asked.all.length;
    await runIt(await ask([sessionId], { overrides: { scenarioVersion: 2 } }));
    const systems = main.asked.all.slice(before).map(({ messages }) => messages[0]?.content);
    expect(systems).toEqual(Array.from({ length: 3 }, () => 'You are Troll.\n\nLet everybody pass.'));
  });

  test('carries on with the new answers in free running', async () => {
    const sessionId = await recorded();
    await runIt(await ask([sessionId], { mode: 'free_running', overrides: asksOther }));
    expect(
      other.asked.all
        .at(-1)
        ?.messages.map(({ content }) => content)
        .slice(1),
    ).toEqual([
      'Who goes there?',
      'other-model hears: Who goes there?',
      'Let me pass.',
      'other-model hears: Let me pass.',
      'Then fight me.',
    ]);
  });

  test('carries a cancelled turn along as it was, so that what follows it is the recorded request', async () => {
    await publishSample(played());
    const sessionId = await startSample(played());
    await play(sessionId, 'Who goes there?');
    const { turnId } = await requestSample(played(), sessionId, { text: 'Let me' });
    const command = { turnId, by: 'game', reason: 'requested', partial: 'You may' } as const;
    await ports.ledger.sessions.transact(sessionStream(sessionId), (state) => cancelTurn(command, state), { context });
    await play(sessionId, 'Let me pass.');
    const state = await runIt(await ask([sessionId], { mode: 'free_running' }));
    expect(byPosition(state).map(({ position, outcome }) => `${position} ${outcome}`)).toEqual([
      '1 reused',
      '3 reused',
    ]);
  });

  test('leaves the recorded sessions as they are, and makes none that a view of players would follow', async () => {
    const sessionId = await recorded();
    const { revision } = await stateOf(sessionId);
    const state = await runIt(await ask([sessionId], { overrides: asksOther }));
    expect((await stateOf(sessionId)).revision).toBe(revision);
    expect(state.comparisons.every(({ rerunSessionId }) => isRerunSessionId(rerunSessionId))).toBe(true);
  });

  test('asks no more turns at once than it may, and as many as it may', async () => {
    await publishSample(played());
    const sessions = [];
    for (let count = 0; count < 3; count += 1) {
      const sessionId = await startSample(played());
      await play(sessionId, 'One.', 'Two.');
      sessions.push(sessionId);
    }
    other.hold();
    const running = runIt(await ask(sessions, { overrides: asksOther, concurrency: 4 }));
    await other.asked.until(4);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(other.asked.all).toHaveLength(4);
    other.release();
    expect((await running).comparisons).toHaveLength(6);
  });

  test('asks nothing further once it is cancelled, and compares what was under way', async () => {
    const sessionId = await recorded();
    other.hold();
    const rerunId = await ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const running = runIt(rerunId);
    await other.asked.until(1);
    await ports.ledger.reruns.transact(rerunStream(rerunId), (state) => cancelRerun({ by: 'operator' }, state), {
      context,
    });
    other.release();
    const state = await running;
    expect(state.status).toBe('cancelled');
    expect(state.comparisons.length).toBeLessThan(3);
    expect(other.asked.all).toHaveLength(state.comparisons.length);
  });

  test('makes a turn ready while another is asked, and does not ask it once it is cancelled', async () => {
    const sessionId = await recorded();
    other.hold();
    const rerunId = await ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const running = runIt(rerunId);
    await other.asked.until(1);
    const state = await stateOf(sessionId);
    const [, second] = turnsToRepeat(state, state.history?.turnId ?? '');
    const place = { rerunId, sourceSessionId: sessionId, sourceTurnId: second?.turnId ?? '' };
    while ((await stateOf(rerunSessionIdOf(place))).openTurnId === undefined)
      await new Promise<void>((resolve) => setImmediate(resolve));
    await ports.ledger.reruns.transact(rerunStream(rerunId), (now) => cancelRerun({ by: 'operator' }, now), {
      context,
    });
    other.release();
    expect(await running).toMatchObject({ status: 'cancelled', comparisons: [{ position: 1 }] });
    expect(other.asked.all).toHaveLength(1);
  });

  test('takes nothing off a turn’s time for what it waits to be asked', async () => {
    const sessionId = await recorded();
    const rerunId = await ask([sessionId], { overrides: asksOther });
    const run = { rerunId, worker: ids.uuid(), leaving: neverAborts(), deadline: neverAborts() };
    let lateMs = 0;
    const on = { ...ports, clock: { ...clock, nowMs: () => clock.nowMs() + lateMs } };
    const kit = {
      ports: on,
      run,
      budget: new SpendBudget(undefined, 0),
      calls: new FencedCalls({ clock, log: silentLog, worker: run.worker }),
      standing: async () => 'running' as const,
      takePlace: async () => {
        lateMs += 3_600_000;
        return () => {};
      },
    };
    const { request } = await ports.ledger.reruns.load(rerunStream(rerunId));
    if (!request) throw new TurnledgerError('rerun_not_found');
    const [repeated] = (await rerunLanes(on, rerunId, request, new Set()).next()).value ?? [];
    if (!repeated) throw new TurnledgerError('rerun_empty');
    expect(await repeatRecordedTurn(kit, repeated)).toMatchObject({ outcome: 'completed' });
  });

  test('goes on after a crash from what is recorded: no turn is compared twice, none is asked again that has ended', async () => {
    const sessionId = await recorded();
    const rerunId = await ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const crash = new AbortController();
    other.hold();
    const first = runIt(rerunId, { deadline: crash.signal });
    await other.asked.until(1);
    crash.abort();
    expect(await first).toMatchObject({ status: 'running', comparisons: [] });
    other.release();
    const state = await runIt(rerunId);
    expect(state.status).toBe('completed');
    expect(byPosition(state).map(({ position }) => position)).toEqual([1, 2, 3]);
    // The one that was cut short is asked again, under a claim that says so.
    expect(other.asked.all).toHaveLength(4);
    expect(byPosition(state)[0]?.repeated.attempts).toBe(2);
  });

  test('lets turns under way end when it is to leave, and begins no other', async () => {
    const sessionId = await recorded();
    const rerunId = await ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const leaving = new AbortController();
    other.hold();
    const running = runIt(rerunId, { leaving: leaving.signal });
    await other.asked.until(1);
    leaving.abort();
    other.release();
    expect(await running).toMatchObject({ status: 'running', comparisons: [{ outcome: 'completed' }] });
  });

  test.each([
    ['whose endpoint is not there', { name: 'default', endpoint: 'gone' }, () => 'unused'],
    [
      'that the provider no longer has',
      asksOther.model,
      (): readonly ModelEvent[] => [{ kind: 'failed', code: 'model_not_found', providerStatus: 404 }],
    ],
  ])('fails as a whole with a model %s, and asks no other instead', async (_what, model, answer) => {
    const sessionId = await recorded();
    const before = main.asked.all.length;
    other = new AnsweringModel('other-model', answer);
    const on = {
      ...ports,
      models: new Map<string, Model>([
        ['main', main],
        ['candidate', other],
      ]),
    };
    const state = await runIt(await ask([sessionId], { overrides: { model }, concurrency: 1 }), { on });
    expect(state).toMatchObject({ status: 'failed', code: 'model_unavailable' });
    expect(main.asked.all).toHaveLength(before);
  });

  test('says of an erased player’s turns that they could not be asked', async () => {
    await publishSample(played());
    const player = ids.uuid();
    const sessionId = await startSample(played(), { player });
    await play(sessionId, 'Who goes there?');
    const rerunId = await ask([sessionId], { overrides: asksOther });
    const erased: KeyVault = { ...vault, dataKey: async (keyId) => ({ outcome: 'erased', keyId }) };
    const on = { ...ports, vault: erased, ledger: openLedger({ log, vault: erased, clock, ids }) };
    await runIt(rerunId, { on });
    const state = await ports.ledger.reruns.load(rerunStream(rerunId));
    expect(state).toMatchObject({ status: 'completed', comparisons: [{ outcome: 'failed', code: 'player_erased' }] });
    expect(other.asked.all).toHaveLength(0);
  });
});

describe('a re-run that nothing is changed about, or the model alone', () => {
  const refusing = () =>
    new AnsweringModel('main-model', () => [{ kind: 'failed', code: 'model_request_refused', providerStatus: 400 }]);
  const both = [
    { name: 'default', endpoint: 'main', weight: 1, stop: [] },
    { name: 'default', endpoint: 'candidate', weight: 1, stop: [] },
  ];
  const onModels = (...models: [string, Model][]) => {
    ports = { ...ports, models: new Map(models) };
  };

  test('does not take over what another model of the list has said for the one that is named', async () => {
    onModels(['main', refusing()], ['candidate', other]);
    const sessionId = await recorded({ models: both, strategy: 'fallback' });
    main = echo('main-model');
    onModels(['main', main], ['candidate', other]);
    const model = { name: 'main-model', endpoint: 'main' };
    const state = await runIt(await ask([sessionId], { overrides: { model } }));
    expect(state.comparisons.map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
    expect(main.asked.all).toHaveLength(3);
  });

  test('keeps what the next model of the list has said where the list is as it was', async () => {
    onModels(['main', refusing()], ['candidate', other]);
    const sessionId = await recorded({ models: both, strategy: 'fallback' });
    const state = await runIt(await ask([sessionId]));
    expect(state.comparisons.map(({ outcome }) => outcome)).toEqual(['reused', 'reused', 'reused']);
  });

  test('asks whom the list began with then, where an endpoint before it was and is not there', async () => {
    onModels(['candidate', other]);
    const sessionId = await recorded({ models: both, strategy: 'fallback' });
    expect(await runIt(await ask([sessionId]))).toMatchObject({
      status: 'completed',
      comparisons: [{ outcome: 'reused' }, { outcome: 'reused' }, { outcome: 'reused' }],
    });
  });
});

describe('summaries of a re-run', () => {
  test.each([
    ['as they are held', false],
    ['also where a rewind has cut them since', true],
  ])('are those that the turn was asked with, %s', async (_what, isRewound) => {
    const summary = { mode: 'rolling', maxTokens: 100 } as const;
    await publishSample(played(), { history: { windowTurns: 2, inputTokenBudget: 8_000, summary } });
    const sessionId = await startSample(played());
    const signal = neverAborts();
    for (const text of ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.']) {
      await play(sessionId, text);
      await summariseHistory(ports, { sessionId, correlationId: 'test', worker: ids.uuid(), signal });
    }
    const state = await stateOf(sessionId);
    expect(state.summaries?.held.length).toBeGreaterThan(0);
    const throughTurnId = state.history?.turnId ?? '';
    const source = { sessionId, throughTurnId, turns: 6 };
    const command = { rewindId: ids.uuid(), by: 'game', bodyHmac: 'a0'.repeat(32), maxRewinds: 5 };
    const stream = sessionStream(sessionId);
    if (isRewound) await ports.ledger.sessions.transact(stream, (now) => rewindSession(command, now), { context });
    const { comparisons } = await runIt(await ask([sessionId], { sources: [source], turns: 6 }));
    expect(comparisons.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 6 }, () => 'reused'));
  });
});

describe('a store, a player or another process that comes between', () => {
  test('a player who is erased while a turn is under way fails that turn, and not the re-run', async () => {
    await publishSample(played());
    const gone = await startSample(played(), { player: ids.uuid() });
    await play(gone, 'Who goes there?');
    const stays = await startSample(played());
    await play(stays, 'Who goes there?');
    const { keyId } = await stateOf(gone);
    let isErased = false;
    const erasing: KeyVault = {
      ...vault,
      dataKey: async (asked) => (isErased && asked === keyId ? { outcome: 'erased', keyId } : vault.dataKey(asked)),
    };
    const on = { ...ports, vault: erasing, ledger: openLedger({ log, vault: erasing, clock, ids }) };
    other.hold();
    const rerunId = await ask([gone, stays], { overrides: asksOther, concurrency: 1 });
    const running = runIt(rerunId, { on });
    await other.asked.until(1);
    isErased = true;
    other.release();
    await running;
    const state = await ports.ledger.reruns.load(rerunStream(rerunId));
    expect(state.status).toBe('completed');
    expect(state.comparisons.map(({ outcome, code }) => code ?? outcome)).toEqual(['player_erased', 'completed']);
  });

  test('goes on in the middle of a free run after a crash, with the answers it has, though no comparison was recorded', async () => {
    const sessionId = await recorded();
    const rerunId = await ask([sessionId], { overrides: asksOther, mode: 'free_running' });
    const { log: dying, die } = mortal(log);
    const crash = new AbortController();
    void runIt(rerunId, {
      on: { ...ports, ledger: openLedger({ log: dying, vault, clock, ids }) },
      deadline: crash.signal,
    });
    await other.asked.until(1);
    other.hold();
    await other.asked.until(2);
    die();
    crash.abort();
    other.release();
    expect((await ports.ledger.reruns.load(rerunStream(rerunId))).comparisons).toEqual([]);
    const state = await runIt(rerunId);
    expect(byPosition(state).map(({ repeated }) => repeated.attempts)).toEqual([1, 2, 1]);
    const [, cut, again, last] = other.asked.all;
    expect(other.asked.all).toHaveLength(4);
    expect(again).toEqual(cut);
    expect(JSON.stringify(last?.messages)).toContain('other-model hears: Let me pass.');
  });

  test('asks nothing further of a re-run that somebody else has finished', async () => {
    const sessionId = await recorded();
    other.hold();
    const rerunId = await ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const running = runIt(rerunId);
    await other.asked.until(1);
    const ending = { outcome: 'failed', code: 'model_unavailable' } as const;
    await ports.ledger.reruns.transact(rerunStream(rerunId), (state) => finishRerun(ending, state), { context });
    other.release();
    await running;
    expect(other.asked.all).toHaveLength(1);
  });

  test.each(['unknown_written', 'unknown_unwritten', 'conflict'] as const)(
    'loses nothing and buys nothing twice where any one append is %s',
    async (fault) => {
      const sessionId = await recorded();
      const count = { appends: 0 };
      for (let failing = 0; failing <= count.appends; failing += 1) {
        const faulty = new FaultyEventLog(log);
        const on = { ...ports, ledger: openLedger({ log: faulty, vault, clock, ids }) };
        faulty.onNextAppends(...Array.from({ length: failing }, () => async () => {}), fault);
        const before = other.asked.all.length;
        const rerunId = await ask([sessionId], { overrides: asksOther, concurrency: 1, mode: 'free_running' });
        await runIt(rerunId, { on });
        count.appends = Math.max(count.appends, faulty.appends.length);
        const state = await ports.ledger.reruns.load(rerunStream(rerunId));
        expect(state.status).toBe('completed');
        expect(byPosition(state).map(({ position, outcome }) => `${position} ${outcome}`)).toEqual([
          '1 completed',
          '2 completed',
          '3 completed',
        ]);
        expect(other.asked.all).toHaveLength(before + 3);
      }
    },
  );
});

describe('the spend cap of a re-run', () => {
  // 40 tokens in and 7 out are reported: 61 micro-dollars. The most that the turns may cost, by 10 tokens of reply, is 52, 71, 90 and 109.
  const prices = new Map([
    [
      'candidate',
      priceTable({ 'other-model': { inputPerMillionUsd: 1, cachedInputPerMillionUsd: 1, outputPerMillionUsd: 3 } }),
    ],
  ]);
  const overrides = { ...asksOther, maxTokens: 10 };

  test('is never passed, and ends the re-run', async () => {
    const sessionId = await recorded();
    const rerunId = await ask([sessionId], { overrides, spendCapMicroUsd: 150, concurrency: 3 });
    const state = await runIt(rerunId, { on: { ...ports, prices } });
    const spent = state.comparisons.reduce((sum, { repeated }) => sum + (repeated.costMicroUsd ?? 0), 0);
    expect(state.status).toBe('spend_cap_reached');
    expect(spent).toBeLessThanOrEqual(150);
    expect(state.comparisons.length).toBeGreaterThan(0);
  });

  test('does not keep turns from being asked that its money is enough for, one after another', async () => {
    const sessionId = await recorded();
    const rerunId = await ask([sessionId], { overrides, spendCapMicroUsd: 250, concurrency: 3 });
    expect(await runIt(rerunId, { on: { ...ports, prices } })).toMatchObject({
      status: 'completed',
      comparisons: [{ repeated: { costMicroUsd: 61 } }, {}, {}],
    });
  });

  /** A run whose process dies when so many calls are under way; the models are let go of afterwards. */
  async function diesWith(rerunId: string, calls: number): Promise<void> {
    const { log: dying, die } = mortal(log);
    const crash = new AbortController();
    other.hold();
    const on = { ...ports, prices, ledger: openLedger({ log: dying, vault, clock, ids }) };
    void runIt(rerunId, { on, deadline: crash.signal });
    await other.asked.until(calls);
    die();
    crash.abort();
    other.release();
  }

  test('counts what a call may have cost that was lost with its worker', async () => {
    const sessionId = await recorded();
    const rerunId = await ask([sessionId], { overrides, spendCapMicroUsd: 200, concurrency: 1 });
    await diesWith(rerunId, 1);
    const state = await runIt(rerunId, { on: { ...ports, prices } });
    expect(other.asked.all.length * 61).toBeLessThanOrEqual(200);
    expect(state.status).toBe('spend_cap_reached');
  });

  test('counts it again in every later run', async () => {
    const sessionId = await recorded();
    const rerunId = await ask([sessionId], { overrides, spendCapMicroUsd: 200, concurrency: 1 });
    await diesWith(rerunId, 1);
    const leaving = new AbortController();
    other.hold();
    const second = runIt(rerunId, { on: { ...ports, prices }, leaving: leaving.signal });
    await other.asked.until(2);
    leaving.abort();
    other.release();
    expect(await second).toMatchObject({ status: 'running', comparisons: [{}] });
    const state = await runIt(rerunId, { on: { ...ports, prices } });
    expect(other.asked.all.length * 61).toBeLessThanOrEqual(200);
    expect(state.status).toBe('spend_cap_reached');
  });

  test('counts what was under way when a process died before anything else is asked', async () => {
    const sessionId = await recorded();
    await play(sessionId, 'And once more.');
    const rerunId = await ask([sessionId], { overrides, spendCapMicroUsd: 340, concurrency: 4 });
    await diesWith(rerunId, 4);
    const state = await runIt(rerunId, { on: { ...ports, prices } });
    expect(other.asked.all).toHaveLength(4);
    expect(state.status).toBe('spend_cap_reached');
  });

  test('is not used up by a claim that the log did not take', async () => {
    await publishSample(played());
    const sessionId = await startSample(played());
    await play(sessionId, 'Who goes there?');
    const faulty = new FaultyEventLog(log);
    const ledger = openLedger({ log: faulty, vault, clock, ids });
    const rerunId = await ask([sessionId], { overrides, spendCapMicroUsd: 100, concurrency: 1 });
    // Session and request are taken; the claim is contended until the runner tries it anew, twice.
    faulty.onNextAppends(
      async () => {},
      async () => {},
      ...Array.from({ length: 6 }, () => 'conflict' as const),
    );
    await runIt(rerunId, { on: { ...ports, prices, ledger } });
    expect(await ports.ledger.reruns.load(rerunStream(rerunId))).toMatchObject({ status: 'completed' });
  });

  test('shows a turn that has no money left for another attempt as failed, with what it cost', async () => {
    const usage = { input: 40, cached: 0, output: 7, reasoning: 0 };
    other = new AnsweringModel('other-model', () => [{ kind: 'failed', code: 'model_server_error', usage }]);
    const on = {
      ...ports,
      prices,
      models: new Map<string, Model>([
        ['main', main],
        ['candidate', other],
      ]),
    };
    const sessionId = await recorded();
    const rerunId = await ask([sessionId], { overrides, spendCapMicroUsd: 100, concurrency: 1 });
    expect(await runIt(rerunId, { on })).toMatchObject({
      status: 'spend_cap_reached',
      comparisons: [{ outcome: 'failed', repeated: { attempts: 1, costMicroUsd: 61 } }],
    });
  });

  test('lets nothing be asked after a cancellation that has waited for money', async () => {
    const sessionId = await recorded();
    other.hold();
    const rerunId = await ask([sessionId], { overrides, spendCapMicroUsd: 212, concurrency: 3 });
    const running = runIt(rerunId, { on: { ...ports, prices } });
    await other.asked.until(2);
    await ports.ledger.reruns.transact(rerunStream(rerunId), (state) => cancelRerun({ by: 'operator' }, state), {
      context,
    });
    const asked = other.asked.all.length;
    other.release();
    expect((await running).status).toBe('cancelled');
    expect(other.asked.all).toHaveLength(asked);
  });

  test('lets nothing be asked that has waited for money when the process leaves', async () => {
    const sessionId = await recorded();
    const leaving = new AbortController();
    other.hold();
    const rerunId = await ask([sessionId], { overrides, spendCapMicroUsd: 212, concurrency: 3 });
    const running = runIt(rerunId, { on: { ...ports, prices }, leaving: leaving.signal });
    await other.asked.until(2);
    leaving.abort();
    const asked = other.asked.all.length;
    other.release();
    expect(await running).toMatchObject({ status: 'running' });
    expect(other.asked.all).toHaveLength(asked);
  });

  test('cannot be kept without a price', async () => {
    const sessionId = await recorded();
    const rerunId = await ask([sessionId], { overrides, spendCapMicroUsd: 250 });
    expect(await runIt(rerunId)).toMatchObject({ status: 'failed', code: 'price_unknown', comparisons: [] });
  });
});

describe('moves of a re-run', () => {
  const moves = { mode: 'optional', schema: { type: 'object', required: ['do'] } } as const;
  const moving = (name: string) =>
    new AnsweringModel(name, (request) => `Aye.\n\`\`\`move\n{"do":"${lastWords(request)}"}\n\`\`\``);

  test('have the recorded verdict where they are the same, and it is told on in free running', async () => {
    main = moving('main-model');
    other = moving('other-model');
    ports = {
      ...ports,
      models: new Map<string, Model>([
        ['main', main],
        ['candidate', other],
      ]),
    };
    await publishSample(played(), { moves });
    const sessionId = await startSample(played());
    const [first] = await play(sessionId, 'jump');
    const turnId = first?.turnId ?? '';
    await ports.ledger.sessions.transact(
      sessionStream(sessionId),
      (state) => judgeMove({ turnId, verdict: { verdict: 'rejected', reason: 'There is no floor.' } }, state),
      { context },
    );
    await play(sessionId, 'run');
    const state = await runIt(await ask([sessionId], { mode: 'free_running', overrides: asksOther }));
    expect(byPosition(state).map(({ move, repeated }) => `${move} ${repeated.move}`)).toEqual([
      'same rejected',
      'same unjudged',
    ]);
    expect(JSON.stringify(other.asked.all[1]?.messages)).toContain('There is no floor.');
  });

  test('are asked again where the reply knew of a verdict that the first request of its turn did not', async () => {
    let failures = 0;
    main = new AnsweringModel('main-model', (request) => {
      if (lastWords(request) === 'run' && failures === 0) {
        failures += 1;
        return [{ kind: 'failed', code: 'model_overloaded', providerStatus: 529 }];
      }
      return `Aye.\n\`\`\`move\n{"do":"${lastWords(request)}"}\n\`\`\``;
    });
    ports = { ...ports, models: new Map<string, Model>([['main', main]]) };
    await publishSample(played(), { moves });
    const sessionId = await startSample(played());
    const [first] = await play(sessionId, 'jump');
    main.hold();
    const playing = play(sessionId, 'run');
    await main.asked.until(2);
    const command = { turnId: first?.turnId ?? '', verdict: { verdict: 'rejected', reason: 'No.' } } as const;
    await ports.ledger.sessions.transact(sessionStream(sessionId), (state) => judgeMove(command, state), { context });
    main.release();
    await playing;
    const state = await runIt(await ask([sessionId]));
    expect(byPosition(state).map(({ outcome }) => outcome)).toEqual(['reused', 'completed']);
  });
});

describe('the gate of a re-run', () => {
  async function gated(thresholds: GateThresholds): Promise<{ promoted: number; state: RerunState }> {
    const sessionId = await recorded();
    const persona = { name: 'Troll', instructions: 'Let everybody pass.' };
    const rerunId = ids.uuid();
    const command = { version: 2, rerunId, thresholds };
    await publishSample(played(), { persona }, 'tavern', false);
    await ports.ledger.scenarios.transact(scenarioStream('tavern'), (state) => openGate(command, state), { context });
    const state = await runIt(await ask([sessionId], { overrides: { scenarioVersion: 2 }, gateVersion: 2 }, rerunId));
    const { promotedVersion } = await ports.ledger.scenarios.load(scenarioStream('tavern'));
    return { promoted: promotedVersion, state };
  }

  test('promotes the version where its thresholds are met', async () => {
    expect(await gated({ minTurns: 3, maxFailedRate: 0 })).toMatchObject({
      promoted: 2,
      state: { status: 'completed' },
    });
  });

  test('holds it back where one is not, and says which', async () => {
    expect((await gated({ minTurns: 4 })).promoted).toBe(1);
    const { gates } = await ports.ledger.scenarios.load(scenarioStream('tavern'));
    expect(gates).toMatchObject([{ outcome: 'failed', missed: [{ threshold: 'minTurns', limit: 4, measured: 3 }] }]);
  });

  test('promotes its version once, though the process dies before the re-run is recorded as over', async () => {
    const sessionId = await recorded();
    const rerunId = ids.uuid();
    const persona = { name: 'Troll', instructions: 'Let everybody pass.' };
    await publishSample(played(), { persona }, 'tavern', false);
    const stream = scenarioStream('tavern');
    const command = { version: 2, rerunId, thresholds: { minTurns: 3 } };
    await ports.ledger.scenarios.transact(stream, (state) => openGate(command, state), { context });
    await ask([sessionId], { overrides: { scenarioVersion: 2 }, gateVersion: 2 }, rerunId);
    const died = new Arrivals<string>();
    const dying: EventLog = Object.create(log, {
      append: {
        value: (...asked: Parameters<EventLog['append']>) => {
          if (asked[2][0]?.type !== 'RerunFinished') return log.append(...asked);
          died.add(asked[0]);
          return new Promise(() => {});
        },
      },
      readStream: { value: log.readStream.bind(log) },
      readHead: { value: log.readHead.bind(log) },
    });
    void runIt(rerunId, { on: { ...ports, ledger: openLedger({ log: dying, vault, clock, ids }) } });
    await died.until(1);
    expect(await ports.ledger.scenarios.load(stream)).toMatchObject({ promotedVersion: 2 });
    // Somebody publishes the next one meanwhile: what comes after must not take it back.
    await publishSample(played(), { persona: { ...persona, instructions: 'Let nobody pass.' } });
    expect(await runIt(rerunId)).toMatchObject({ status: 'completed' });
    expect(await ports.ledger.scenarios.load(stream)).toMatchObject({
      promotedVersion: 3,
      gates: [{ outcome: 'passed' }],
    });
  });

  test('that was given up is spent no money for', async () => {
    const sessionId = await recorded();
    await publishSample(played(), { persona: { name: 'Troll', instructions: 'Let everybody pass.' } }, 'tavern', false);
    const rerunId = ids.uuid();
    for (const gate of [{ rerunId }, { rerunId: ids.uuid(), abandonedRerunId: rerunId }]) {
      const command = { version: 2, thresholds: { minTurns: 1 }, ...gate };
      await ports.ledger.scenarios.transact(scenarioStream('tavern'), (state) => openGate(command, state), { context });
    }
    const before = main.asked.all.length;
    const state = await runIt(await ask([sessionId], { overrides: { scenarioVersion: 2 }, gateVersion: 2 }, rerunId));
    expect(state).toMatchObject({ status: 'failed', code: 'gate_abandoned', comparisons: [] });
    expect(main.asked.all).toHaveLength(before);
  });
});
