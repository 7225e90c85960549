import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  MemoryTurnQueue,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream } from '@turnledger/shared/contracts';
import { rewindSession, turnOf } from '@turnledger/shared/domain';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  Arrivals,
  answerSample,
  endsWell,
  ManualClock,
  type ModelStep,
  ProgrammedModel,
  publishSample,
  requestSample,
  sampleRewind,
  says,
  sessionEvents,
  startSample,
} from '@turnledger/shared/testing';
import { createWorker } from './consume-turns.ts';

const hold: ModelStep = { kind: 'hold' };
const memory = { mode: 'rolling', maxTokens: 100, model: 'memory' } as const;
const context = { actor: 'game', correlationId: 'test' };

let clock: ManualClock;
let log: MemoryEventLog;
let queue: MemoryTurnQueue;
let intake: AbortController;
let outOfTime: AbortController;
let consumed: Promise<void>;
let ports: Omit<Parameters<typeof createWorker>[0], 'models'>;
let recorded: Arrivals<string>;
let summariser: ProgrammedModel;
let sessionId: string;

const played = () => ({ ledger: ports.ledger, vault: ports.vault, log, ids });

beforeEach(async () => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  recorded = new Arrivals();
  const append = log.append.bind(log);
  log.append = async (stream, expected, events) => {
    const outcome = await append(stream, expected, events);
    if (outcome.outcome === 'ok') for (const { type } of events) recorded.add(type);
    return outcome;
  };
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  queue = new MemoryTurnQueue({ onError: () => {} });
  intake = new AbortController();
  outOfTime = new AbortController();
  ports = {
    vault,
    clock,
    ids,
    ledger: openLedger({ log, vault, clock, ids }),
    feed: new MemoryTurnFeed({ clock }),
    log: silentLog,
    holders: { isLost: async () => false },
  };
  await publish();
  sessionId = await startSample(played());
  // The window has four turns: with the sixth that ends two stand behind it, which is half.
  for (let turn = 1; turn <= 5; turn += 1)
    await answerSample(
      played(),
      await requestSample(played(), sessionId, { text: `Question ${turn}.` }),
      `Answer ${turn}.`,
    );
});

afterEach(async () => {
  intake.abort();
  outOfTime.abort();
  await consumed;
  expect(clock.sleeping).toBe(0);
});

const publish = (history: object = { summary: memory }) =>
  publishSample(played(), {
    history: { windowTurns: 4, inputTokenBudget: 8_000, ...history },
    models: [
      { name: 'default', endpoint: 'main', weight: 1, stop: ['\n'] },
      { name: 'memory', endpoint: 'side', weight: 1, stop: [] },
    ],
  });

/** A worker whose model for turns answers at once; its model for summaries does what is written. */
function consume(...programs: readonly (readonly ModelStep[])[]): void {
  summariser = new ProgrammedModel(...programs);
  const models = new Map([
    ['main', new ProgrammedModel([...says('Aye.'), endsWell])],
    ['side', summariser],
  ]);
  consumed = createWorker({ ...ports, models }).consume(queue, intake.signal, outOfTime.signal);
}

/** Has the next turn of the session played to its end. */
async function play(text = 'And now?'): Promise<void> {
  const endings = recorded.all.filter((type) => type === 'TurnCompleted').length;
  await queue.enqueue([await requestSample(played(), sessionId, { text })]);
  await until('TurnCompleted', endings + 1);
}

/** Resolves once so many events of a type were appended. */
async function until(type: string, count = 1): Promise<void> {
  for (let seen = 1; recorded.all.filter((one) => one === type).length < count; seen = recorded.all.length + 1)
    await recorded.until(seen);
}

const summaryEvents = async () =>
  (await sessionEvents(played(), sessionId)).filter(({ type }) => type.includes('Summar'));
const summaryTypes = async () => (await summaryEvents()).map(({ type }) => type);

describe('a worker whose turn has ended', () => {
  test('claims a summary before it calls the model, and records what came of it', async () => {
    consume([hold, ...says(' They met. '), endsWell]);
    await play();
    const [call] = await summariser.calls.until(1);
    await call?.holding.until(1);
    expect(await summaryTypes()).toEqual(['SummaryStarted']);
    call?.release();
    await until('HistorySummarized');
    const [started, summarised] = await summaryEvents();
    expect(started?.data).toMatchObject({
      throughPosition: 2,
      calls: [{ purpose: 'summary', model: 'memory', endpoint: 'side', parameters: { maxTokens: 100, stops: 0 } }],
      prompt: { assembler: 7 },
    });
    expect(summarised?.data).toMatchObject({ throughPosition: 2, usage: { source: 'reported' } });
  });

  test('asks for none where the scenario has none', async () => {
    await publish({});
    sessionId = await startSample(played());
    for (let turn = 1; turn <= 8; turn += 1) await answerSample(played(), await requestSample(played(), sessionId));
    consume([...says('They met.'), endsWell]);
    await play();
    await play();
    expect(summariser.calls.all).toHaveLength(0);
  });

  test('goes on with the session while the summary is under way, and claims no second one', async () => {
    consume([hold, ...says('They met.'), endsWell]);
    await play();
    const [call] = await summariser.calls.until(1);
    await play();
    expect(await summaryTypes()).toEqual(['SummaryStarted']);
    call?.release();
    await until('HistorySummarized');
    expect(summariser.calls.all).toHaveLength(1);
  });

  test('looks again after a summary at the turns that have ended meanwhile', async () => {
    consume([hold, ...says('They met.'), endsWell], [...says('They met, and talked.'), endsWell]);
    await play();
    const [call] = await summariser.calls.until(1);
    await play();
    await play();
    call?.release();
    await until('HistorySummarized', 2);
    expect((await summaryEvents()).at(-1)?.data).toMatchObject({ throughPosition: 4 });
  });

  test('asks again after a failure only once the window has moved on by half', async () => {
    consume([{ kind: 'failed', code: 'model_overloaded', providerStatus: 529 }], [...says('They met.'), endsWell]);
    await play();
    await until('SummaryFailed');
    await play();
    await play();
    await until('HistorySummarized');
    const [, failed, second] = await summaryEvents();
    expect(failed?.data).toMatchObject({ code: 'model_overloaded', providerStatus: 529 });
    expect(second?.data).toMatchObject({ throughPosition: 4 });
    expect(summariser.calls.all).toHaveLength(2);
  });

  test('takes up a summary of a worker that is lost, and leaves one of a worker that may live', async () => {
    consume([hold]);
    await play();
    await until('SummaryStarted');
    const first = summariser;
    let isLost = false;
    ports = { ...ports, holders: { isLost: async () => isLost } };
    const [before, leave] = [consumed, intake];
    [intake, outOfTime] = [new AbortController(), new AbortController()];
    // Another worker, since the first one's own claim would be its own to judge.
    queue = new MemoryTurnQueue({ onError: () => {} });
    consume([...says('They met.'), endsWell]);
    await play();
    expect(await summaryTypes()).toEqual(['SummaryStarted']);
    isLost = true;
    await play();
    await until('HistorySummarized');
    expect(await summaryTypes()).toEqual(['SummaryStarted', 'SummaryFailed', 'SummaryStarted', 'HistorySummarized']);
    // What the first one's call came to is known late, and is accounted for all the same.
    first.calls.all[0]?.release();
    leave.abort();
    await before;
    expect((await summaryEvents()).at(-1)).toMatchObject({ type: 'SummaryFailed', data: { code: 'summary_late' } });
  });

  test('aborts a call whose turns a rewind has cut, and records what it spent', async () => {
    consume([...says('They'), hold]);
    await play();
    const [call] = await summariser.calls.until(1);
    await call?.holding.until(1);
    const [first] = (await sessionEvents(played(), sessionId)).filter(({ type }) => type === 'TurnRequested');
    const toTurnId = first && 'turnId' in first.data ? String(first.data.turnId) : '';
    const rewind = { ...sampleRewind({ rewindId: ids.uuid(), toTurnId }), bodyHmac: 'b0'.repeat(32) };
    await ports.ledger.sessions.transact(sessionStream(sessionId), (state) => rewindSession(rewind, state), {
      context,
    });
    await clock.advanceBy(limits.worker.headCheckMs);
    await until('SummaryFailed');
    expect((await summaryEvents()).at(-1)?.data).toMatchObject({
      code: 'turn_rewound',
      usage: { source: 'estimated' },
    });
  });

  test('leaves at once when told to, and records what a summary under way has spent', async () => {
    consume([...says('They'), hold]);
    await play();
    const [call] = await summariser.calls.until(1);
    await call?.holding.until(1);
    intake.abort();
    await consumed;
    expect((await summaryEvents()).at(-1)).toMatchObject({ type: 'SummaryFailed', data: { code: 'worker_stopped' } });
  });
});

describe('a prompt', () => {
  test('is told the summary before its window, names it, and leaves no turn between the two out', async () => {
    consume([...says('They met.'), endsWell]);
    await play('Question 6.');
    await until('HistorySummarized');
    const { summaries, history } = await ports.ledger.sessions.load(sessionStream(sessionId));
    const summary = summaries?.held[0];
    expect(summary).toMatchObject({ throughPosition: 2 });
    await play('Question 7.');
    const started = (await sessionEvents(played(), sessionId)).filter(({ type }) => type === 'TurnStarted').at(-1);
    const third = history?.previous?.previous?.previous?.turnId;
    expect(started?.data).toMatchObject({
      prompt: { assembler: 4, summaryId: summary?.summaryId, fromTurnId: third, throughTurnId: history?.turnId },
    });
    const state = await ports.ledger.sessions.load(sessionStream(sessionId));
    expect(turnOf(state, third ?? '')?.position).toBe(3);
  });
});
