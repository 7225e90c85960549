import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { cancelTurn, isTerminal, timeOutTurn, turnOf } from '@turnledger/shared/domain';
import type { AppendOutcome, EventLog, FeedMessage, KeyVault, TurnMessage } from '@turnledger/shared/ports';
import { feedIds, foldTurns, openLedger, openSessionEvent, silentLog } from '@turnledger/shared/runtime';
import {
  claimSample,
  endsWell,
  ManualClock,
  type ModelStep,
  ProgrammedModel,
  publishSample,
  requestSample,
  says,
  sessionEvents,
  sessionEventTypes,
  startSample,
} from '@turnledger/shared/testing';
import { keyedHash } from '@turnledger/shared/trust';
import { assemblePrompt } from './assemble-prompt.ts';
import { chooseModel } from './choose-model.ts';
import type { WorkerPorts } from './ports.ts';
import { runTurn } from './run-turn.ts';

const hold: ModelStep = { kind: 'hold' };
const overloaded: ModelStep = { kind: 'failed', code: 'model_overloaded', providerStatus: 529 };
const context = { actor: 'game', correlationId: 'test' };

let clock: ManualClock;
let log: EventLog;
let vault: KeyVault;
let feed: MemoryTurnFeed;
let bench: Omit<WorkerPorts, 'models' | 'holders'> & { readonly log: WorkerPorts['log'] };
/** What goes wrong in this test; empty: nothing. */
const faults: { append: AppendOutcome[]; dataKey: TurnledgerError[] } = { append: [], dataKey: [] };

const played = () => ({ ledger: bench.ledger, vault, log, ids });

beforeEach(async () => {
  faults.append.length = 0;
  faults.dataKey.length = 0;
  clock = new ManualClock();
  const memoryLog = new MemoryEventLog({ clock });
  log = new Proxy(memoryLog, {
    get(target, name) {
      if (name !== 'append')
        return Reflect.get(target, name, target)?.bind?.(target) ?? Reflect.get(target, name, target);
      return async (...input: Parameters<EventLog['append']>) => {
        const fault = faults.append.shift();
        const outcome =
          fault?.outcome === 'unknown' && fault.cause === 'not written' ? fault : await memoryLog.append(...input);
        return fault ?? outcome;
      };
    },
  });
  const memoryVault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  vault = {
    ...memoryVault,
    dataKey: async (keyId) => {
      const fault = faults.dataKey.shift();
      if (fault) throw fault;
      return memoryVault.dataKey(keyId);
    },
  };
  feed = new MemoryTurnFeed({ clock });
  bench = { ledger: openLedger({ log, vault, clock, ids }), vault, feed, clock, ids, log: silentLog };
});

/** Runs a turn with a model; `worker` is this worker's incarnation. */
function start(
  model: ProgrammedModel,
  message: TurnMessage,
  {
    signal = new AbortController().signal,
    isLost = async () => false,
    models = new Map([['main', model]]),
    worker = ids.uuid(),
  } = {},
) {
  return runTurn({ ...bench, models, holders: { isLost } }, { message, worker, signal });
}

async function openTurn(
  changes: Parameters<typeof publishSample>[1] = {},
  request: Parameters<typeof requestSample>[2] = {},
): Promise<TurnMessage> {
  await publishSample(played(), changes);
  return requestSample(played(), await startSample(played()), request);
}

const typesOf = async ({ sessionId }: TurnMessage) => (await sessionEventTypes(played(), sessionId)).slice(2);

const dataOf = async ({ sessionId }: TurnMessage, type: string) =>
  (await sessionEvents(played(), sessionId))
    .filter((event) => event.type === type)
    .map(({ data }) => data as Record<string, unknown>);

async function feedOf({ turnId }: TurnMessage): Promise<readonly FeedMessage[]> {
  const messages: FeedMessage[] = [];
  for await (const message of feed.read(turnId, { after: 0, signal: new AbortController().signal, follow: false }))
    messages.push(message);
  return messages;
}

/** Lets everything that is ready run. */
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Moves the clock on and lets run what that wakes. */
async function pass(ms: number): Promise<void> {
  await clock.advanceBy(ms);
  await tick();
}

async function heldCall(model: ProgrammedModel, count = 1) {
  const call = (await model.calls.until(count))[count - 1];
  await call?.holding.until(1);
  return call;
}

async function openedText({ sessionId }: TurnMessage, type: string, field: string): Promise<unknown> {
  const stored = (await log.readStream(sessionStream(sessionId))).filter((event) => event.type === type).at(-1);
  const event = stored && (await openSessionEvent(stored, vault));
  return (event?.data as Record<string, unknown> | undefined)?.[field];
}

describe('a turn that goes well', () => {
  test('is claimed in the log before the model is called', async () => {
    const message = await openTurn();
    const model = new ProgrammedModel([hold, ...says('Aye.'), endsWell]);
    const running = start(model, message);
    const call = await heldCall(model);
    expect(await typesOf(message)).toEqual(['TurnStarted']);
    call?.release();
    await running;
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCompleted']);
  });

  test('carries what the model said, reported and billed', async () => {
    const message = await openTurn();
    await start(new ProgrammedModel([...says('A ', 'friend.'), endsWell]), message);
    expect(await openedText(message, 'TurnCompleted', 'reply')).toBe('A friend.');
    expect((await dataOf(message, 'TurnCompleted'))[0]).toMatchObject({
      attempt: 1,
      finishReason: 'stop',
      usage: { input: 40, output: 7, source: 'reported' },
      provider: { model: 'some-model' },
      priceTable: 'none',
    });
  });

  test('announces its ending after the ending is in the log', async () => {
    const message = await openTurn();
    const model = new ProgrammedModel([...says('Aye.'), endsWell]);
    const atEnding: (readonly string[])[] = [];
    const publish = feed.publish.bind(feed);
    feed.publish = async (turnId, one) => {
      if (one.kind === 'ended') atEnding.push(await typesOf(message));
      await publish(turnId, one);
    };
    await start(model, message);
    expect(atEnding).toEqual([['TurnStarted', 'TurnCompleted']]);
  });

  test('a message that comes again makes no second call', async () => {
    const message = await openTurn();
    const model = new ProgrammedModel([...says('Aye.'), endsWell]);
    await start(model, message);
    await start(model, message);
    expect(model.calls.all).toHaveLength(1);
  });

  test('the prompt’s recorded hash is that of a prompt built again from the log', async () => {
    await publishSample(played(), { history: { windowTurns: 2, inputTokenBudget: 8_000 } });
    const sessionId = await startSample(played());
    for (const text of ['One.', 'Two.', 'Three.']) {
      const message = await requestSample(played(), sessionId, { text });
      await start(new ProgrammedModel([...says(`To ${text}`), endsWell]), message);
    }
    const last = await requestSample(played(), sessionId, {
      text: 'Four.',
      overrides: { temperature: 0.2, stop: ['\n'] },
    });
    await start(new ProgrammedModel([...says('Aye.'), endsWell]), last);

    const state = await bench.ledger.sessions.load(sessionStream(sessionId));
    const stored = await log.readStream(sessionStream(sessionId));
    const opened = await Promise.all(stored.map((event) => openSessionEvent(event, vault)));
    const manifest = opened.findLast((event) => event.type === 'TurnStarted')?.data.prompt;
    const requested = opened.findLast((event) => event.type === 'TurnRequested')?.data;
    const turns = await foldTurns(stored, { ...state, sessionId }, vault);
    const at = (turnId: string | undefined) => turns.findIndex((turn) => turn.turnId === turnId);
    const history = turns.slice(at(manifest?.fromTurnId), at(manifest?.throughTurnId) + 1);
    expect(history.map(({ prompt }) => prompt)).toEqual(['Two.', 'Three.']);
    const scenario = (await bench.ledger.scenarios.load('scenario-tavern')).versions[
      (manifest?.scenarioVersion ?? 0) - 1
    ];
    const key = await vault.dataKey(state.keyId);
    if (!scenario || !requested || key.outcome !== 'ok') throw new TypeError('nothing to rebuild from');
    const choice = chooseModel(scenario, last.turnId, 1);
    const request = assemblePrompt({ scenario, history, requested, choice, model: 'programmed' });
    expect(keyedHash(key.key, 'prompt', request)).toBe(manifest?.hmac);
  });
});

describe('a turn whose model fails', () => {
  test('is tried again after a pause, and each attempt is recorded', async () => {
    const message = await openTurn();
    const running = start(new ProgrammedModel([...says('I '), overloaded], [...says('Aye.'), endsWell]), message);
    while ((await typesOf(message)).length < 2) await tick();
    expect(clock.sleeping).toBe(1);
    await clock.advanceBy(500);
    await running;
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnStarted', 'TurnCompleted']);
    expect((await dataOf(message, 'TurnAttemptFailed'))[0]).toMatchObject({
      code: 'model_overloaded',
      providerStatus: 529,
      attempt: 1,
    });
    expect((await feedOf(message)).map(({ id }) => id)).toEqual([
      feedIds.perAttempt,
      feedIds.perAttempt + 1,
      2 * feedIds.perAttempt,
      2 * feedIds.perAttempt + 1,
      feedIds.ending,
    ]);
  });

  test('fails with the fallback line when its attempts are used up', async () => {
    const message = await openTurn({ retry: { maxAttempts: 2 } });
    const running = start(new ProgrammedModel([overloaded]), message);
    while ((await typesOf(message)).length < 5) await pass(1_000);
    await running;
    expect(await typesOf(message)).toEqual([
      'TurnStarted',
      'TurnAttemptFailed',
      'TurnStarted',
      'TurnAttemptFailed',
      'TurnFailed',
    ]);
    expect(await openedText(message, 'TurnFailed', 'fallback')).toBe('The troll only grunts.');
  });

  test('is settled once when it was cancelled meanwhile, and its stream gets one ending', async () => {
    const message = await openTurn();
    const abort = new AbortController();
    const model = new ProgrammedModel([...says('I was '), hold]);
    const running = start(model, message, { signal: abort.signal });
    const call = await heldCall(model);
    const { sessionId, turnId } = message;
    await bench.ledger.sessions.transact(
      sessionStream(sessionId),
      (state) => cancelTurn({ turnId, by: 'game', reason: 'requested' }, state),
      { context },
    );
    abort.abort();
    await running;
    expect(call?.signal.aborted).toBe(true);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCancelled', 'AttemptSettled']);
    expect((await dataOf(message, 'AttemptSettled'))[0]).toMatchObject({
      outcome: 'cancelled',
      usage: { source: 'estimated' },
    });
  });

  test('sees within a second in its stream that it was cancelled, also when no message says so', async () => {
    const message = await openTurn();
    const model = new ProgrammedModel([...says('I was '), hold]);
    const running = start(model, message);
    await heldCall(model);
    const { sessionId, turnId } = message;
    await bench.ledger.sessions.transact(
      sessionStream(sessionId),
      (state) => cancelTurn({ turnId, by: 'game', reason: 'requested' }, state),
      { context },
    );
    await clock.advanceBy(1_000);
    await running;
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCancelled', 'AttemptSettled']);
    await clock.advanceBy(30);
    expect(clock.sleeping).toBe(0);
  });

  test('a reply that comes after the turn was timed out is paid for and not shown', async () => {
    const message = await openTurn();
    const model = new ProgrammedModel([...says('Aye.'), hold, endsWell]);
    const running = start(model, message);
    const call = await heldCall(model);
    const { sessionId, turnId } = message;
    const timeOut = { turnId, phase: 'total', elapsedMs: 1 } as const;
    await bench.ledger.sessions.transact(sessionStream(sessionId), (state) => timeOutTurn(timeOut, state), { context });
    call?.release();
    await running;
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnTimedOut', 'AttemptSettled']);
    expect((await dataOf(message, 'AttemptSettled'))[0]).toMatchObject({
      outcome: 'timed_out',
      usage: { source: 'reported', output: 7 },
    });
  });

  test('a turn that is timed out is one append with its bill, its partial and its fallback line', async () => {
    const message = await openTurn({}, { deadlineMs: 5_000 });
    const model = new ProgrammedModel([...says('I was '), hold]);
    const appends = countAppends();
    const running = start(model, message);
    await heldCall(model);
    await clock.advanceBy(5_000);
    await running;
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnTimedOut', 'AttemptSettled']);
    expect(appends()).toBe(2);
    expect(await openedText(message, 'TurnTimedOut', 'partial')).toBe('I was ');
    expect(await openedText(message, 'TurnTimedOut', 'fallback')).toBe('The troll only grunts.');
    expect((await dataOf(message, 'TurnTimedOut'))[0]).toMatchObject({ phase: 'total', elapsedMs: 5_000, attempt: 1 });
  });

  test('that cannot be prepared fails at the prompt, with the fallback line, and nobody is asked', async () => {
    const message = await openTurn();
    const model = new ProgrammedModel();
    await start(model, message, { models: new Map() });
    expect(await typesOf(message)).toEqual(['TurnFailed']);
    expect((await dataOf(message, 'TurnFailed'))[0]).toMatchObject({ stage: 'prompt', code: 'endpoint_unknown' });
    expect(await openedText(message, 'TurnFailed', 'fallback')).toBe('The troll only grunts.');
    expect(model.calls.all).toHaveLength(0);
    expect((await feedOf(message)).map(({ kind }) => kind)).toEqual(['ended']);
  });
});

describe('a turn that somebody else has held', () => {
  test('is left alone while its holder lives', async () => {
    const message = await openTurn();
    await claimSample(played(), message);
    const model = new ProgrammedModel();
    await start(model, message);
    expect(model.calls.all).toHaveLength(0);
    expect(await typesOf(message)).toEqual(['TurnStarted']);
  });

  test('is left to its living holder also when it is overdue', async () => {
    const message = await openTurn();
    await claimSample(played(), message);
    await clock.advanceBy(message.deadlineMs);
    await start(new ProgrammedModel(), message);
    expect(await typesOf(message)).toEqual(['TurnStarted']);
  });

  test('is taken over from a lost holder in one append', async () => {
    const message = await openTurn();
    await claimSample(played(), message);
    const appends = countAppends();
    const model = new ProgrammedModel([hold, ...says('Aye.'), endsWell]);
    const running = start(model, message, { isLost: async () => true });
    const call = await heldCall(model);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnStarted']);
    expect(appends()).toBe(1);
    expect((await dataOf(message, 'TurnAttemptFailed'))[0]).toMatchObject({ code: 'worker_lost', attempt: 1 });
    call?.release();
    await running;
    expect((await dataOf(message, 'TurnCompleted'))[0]).toMatchObject({ attempt: 2 });
  });

  test('fails at once when its holder is lost and its endpoint is no longer configured', async () => {
    const message = await openTurn();
    await claimSample(played(), message);
    await start(new ProgrammedModel(), message, { models: new Map(), isLost: async () => true });
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnFailed']);
    expect(await dataOf(message, 'TurnAttemptFailed')).toMatchObject([{ attempt: 1, code: 'worker_lost' }]);
    expect(await dataOf(message, 'TurnFailed')).toMatchObject([{ attempt: 1, code: 'endpoint_unknown' }]);
    expect((await feedOf(message)).map(({ kind }) => kind)).toEqual(['ended']);
  });

  test('is left to its living holder also when its endpoint is no longer configured', async () => {
    const message = await openTurn();
    await claimSample(played(), message);
    await start(new ProgrammedModel(), message, { models: new Map() });
    expect(await typesOf(message)).toEqual(['TurnStarted']);
  });

  test('fails when its holder is lost and no attempt is left', async () => {
    const message = await openTurn({ retry: { maxAttempts: 1 } });
    await claimSample(played(), message);
    const model = new ProgrammedModel();
    await start(model, message, { isLost: async () => true });
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnFailed']);
    expect(await openedText(message, 'TurnFailed', 'fallback')).toBe('The troll only grunts.');
    expect(model.calls.all).toHaveLength(0);
    expect((await feedOf(message)).at(-1)?.kind).toBe('ended');
  });

  test('a worker that lost its claim settles and leaves the live stream to the next attempt', async () => {
    const message = await openTurn();
    const slow = new ProgrammedModel([...says('I was '), hold]);
    const losing = start(slow, message);
    await heldCall(slow);
    const model = new ProgrammedModel([...says('Aye '), hold, ...says('aye.'), endsWell]);
    const running = start(model, message, { isLost: async () => true });
    const call = await heldCall(model);
    await clock.advanceBy(1_000);
    await losing;
    call?.release();
    await running;
    expect(await typesOf(message)).toEqual([
      'TurnStarted',
      'TurnAttemptFailed',
      'TurnStarted',
      'AttemptSettled',
      'TurnCompleted',
    ]);
    expect((await dataOf(message, 'AttemptSettled'))[0]).toMatchObject({ attempt: 1, outcome: 'lost' });
    expect((await feedOf(message)).map(({ id }) => id).slice(-2)).toEqual([2 * feedIds.perAttempt + 2, feedIds.ending]);
  });
});

describe('a turn that is overdue before it is begun', () => {
  test('is timed out in the queue with its fallback line, and nobody is asked', async () => {
    const message = await openTurn();
    await clock.advanceBy(message.deadlineMs);
    const model = new ProgrammedModel();
    await start(model, message);
    expect(await typesOf(message)).toEqual(['TurnTimedOut']);
    expect((await dataOf(message, 'TurnTimedOut'))[0]).toMatchObject({ phase: 'queue', elapsedMs: message.deadlineMs });
    expect(await openedText(message, 'TurnTimedOut', 'fallback')).toBe('The troll only grunts.');
    expect(model.calls.all).toHaveLength(0);
  });
});

describe('a paid ending over a log in trouble', () => {
  test.each(['not written', 'written, not said'])('is sent again until the log answers: %s', async (cause) => {
    const message = await openTurn();
    const model = new ProgrammedModel([hold, ...says('Aye.'), endsWell]);
    const running = start(model, message);
    const call = await heldCall(model);
    faults.append.push(...Array.from({ length: 20 }, () => ({ outcome: 'unknown', cause }) as const));
    call?.release();
    while (faults.append.length > 0) await pass(500);
    await pass(500);
    await running;
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCompleted']);
    expect(model.calls.all).toHaveLength(1);
  });

  test('waits for a key vault that does not answer', async () => {
    const message = await openTurn();
    const model = new ProgrammedModel([hold, ...says('Aye.'), endsWell]);
    const running = start(model, message);
    const call = await heldCall(model);
    // The first is the live delta's, which is allowed to get lost.
    faults.dataKey.push(...Array.from({ length: 4 }, () => new TurnledgerError('store_unavailable')));
    call?.release();
    while (faults.dataKey.length > 0) await pass(500);
    await pass(500);
    await running;
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCompleted']);
    expect(model.calls.all).toHaveLength(1);
  });
});

describe('a process that is out of time', () => {
  test('settles what it spent and says nothing of an ending', async () => {
    const message = await openTurn();
    const deadline = new AbortController();
    const model = new ProgrammedModel([...says('I was '), hold]);
    const running = start(model, message, { signal: deadline.signal });
    await heldCall(model);
    deadline.abort();
    await running;
    const state = await bench.ledger.sessions.load(sessionStream(message.sessionId));
    expect(isTerminal(turnOf(state, message.turnId)?.status ?? 'completed')).toBe(false);
    expect((await feedOf(message)).some(({ kind }) => kind === 'ended')).toBe(false);
  });
});

/** Counts the appends from now on. */
function countAppends(): () => number {
  let count = 0;
  const { append } = log;
  const counted: EventLog['append'] = (...input) => {
    count += 1;
    return append(...input);
  };
  const ledger = openLedger({
    log: new Proxy(log, { get: (target, name) => (name === 'append' ? counted : Reflect.get(target, name)) }),
    vault,
    clock,
    ids,
  });
  bench = { ...bench, ledger };
  return () => count;
}
