import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  MemoryTurnQueue,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { cancelTurn } from '@turnledger/shared/domain';
import type { AppendOutcome, TurnMessage, TurnQueue } from '@turnledger/shared/ports';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  endsWell,
  ManualClock,
  type ModelStep,
  ProgrammedModel,
  publishSample,
  requestSample,
  says,
  sessionEventTypes,
  startSample,
} from '@turnledger/shared/testing';
import { createWorker } from './consume-turns.ts';

const hold: ModelStep = { kind: 'hold' };

let clock: ManualClock;
let log: MemoryEventLog;
let queue: MemoryTurnQueue;
let intake: AbortController;
let outOfTime: AbortController;
let consumed: Promise<void>;
let readFaults: TurnledgerError[];
let ports: Parameters<typeof createWorker>[0];
let model: ProgrammedModel;

const played = () => ({ ledger: ports.ledger, vault: ports.vault, log, ids });
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A worker on a queue, with a model. */
function consume(program: ProgrammedModel) {
  model = program;
  ports = { ...ports, models: new Map([['main', program]]) };
  const worker = createWorker(ports);
  consumed = worker.consume(queue, intake.signal, outOfTime.signal);
  return worker;
}

async function openTurn(): Promise<TurnMessage> {
  return requestSample(played(), await startSample(played()));
}

const typesOf = async ({ sessionId }: TurnMessage) => (await sessionEventTypes(played(), sessionId)).slice(2);

beforeEach(async () => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  readFaults = [];
  const readStream = log.readStream.bind(log);
  log.readStream = async (...input) => {
    const fault = readFaults.shift();
    if (fault) throw fault;
    return readStream(...input);
  };
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  queue = new MemoryTurnQueue({ onError: () => {} });
  intake = new AbortController();
  outOfTime = new AbortController();
  const ledger = openLedger({ log, vault, clock, ids });
  const feed = new MemoryTurnFeed({ clock });
  ports = {
    ledger,
    vault,
    feed,
    clock,
    ids,
    log: silentLog,
    models: new Map(),
    holders: { isLost: async () => false },
  };
  await publishSample(played());
});

afterEach(async () => {
  intake.abort();
  outOfTime.abort();
  await tick();
  await clock.advanceBy(limits.worker.lastEndingMs);
  await consumed;
});

describe('a worker', () => {
  test('runs a turn that the queue brings, once, however often it is brought', async () => {
    const message = await openTurn();
    consume(new ProgrammedModel([hold, ...says('Aye.'), endsWell]));
    await queue.enqueue([message]);
    const [call] = await model.calls.until(1);
    await queue.enqueue([message, message]);
    await call?.holding.until(1);
    call?.release();
    intake.abort();
    await consumed;
    expect(model.calls.all).toHaveLength(1);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCompleted']);
  });

  test('aborts a call as soon as the queue says that its turn has ended', async () => {
    const message = await openTurn();
    const worker = consume(new ProgrammedModel([...says('I '), hold]));
    await queue.enqueue([message]);
    const [call] = await model.calls.until(1);
    await call?.holding.until(1);
    const { sessionId, turnId } = message;
    const context = { actor: 'game', correlationId: 'test' };
    await ports.ledger.sessions.transact(
      sessionStream(sessionId),
      (state) => cancelTurn({ turnId, by: 'game', reason: 'requested' }, state),
      { context },
    );
    expect(worker.running()).toBe(1);
    await queue.enqueue([{ ...message, kind: 'ended' }]);
    intake.abort();
    await consumed;
    expect(call?.signal.aborted).toBe(true);
    expect(worker.running()).toBe(0);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCancelled', 'AttemptSettled']);
  });

  test('comes back to a turn under which a store failed', async () => {
    const message = await openTurn();
    ports = { ...ports, ledger: openLedger({ log, vault: ports.vault, clock, ids }) };
    readFaults.push(new TurnledgerError('store_unavailable'));
    consume(new ProgrammedModel([...says('Aye.'), endsWell]));
    await queue.enqueue([message]);
    await tick();
    expect(await typesOf(message)).toEqual([]);
    await clock.advanceBy(limits.worker.endingRetryMs);
    intake.abort();
    await consumed;
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCompleted']);
  });

  test('takes its own turn up again where it had claimed it and lost the thread', async () => {
    const message = await openTurn();
    consume(new ProgrammedModel([...says('Aye.'), endsWell]));
    const append = log.append.bind(log);
    let firstAtMs: number | undefined;
    // The claim is written, and for longer than a claim is asked again nobody hears of it.
    log.append = async (...input): Promise<AppendOutcome> => {
      const outcome = await append(...input);
      firstAtMs ??= clock.monotonicMs();
      const isUnsaid = clock.monotonicMs() - firstAtMs < limits.aggregate.unknownRetryMs;
      return isUnsaid ? { outcome: 'unknown', cause: 'not said' } : outcome;
    };
    await queue.enqueue([message]);
    for (let waited = 0; waited < 40; waited += 1) {
      for (let settled = 0; settled < 10; settled += 1) await tick();
      await clock.advanceBy(500);
    }
    intake.abort();
    await consumed;
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnStarted', 'TurnCompleted']);
    expect(model.calls.all).toHaveLength(1);
  });

  test('finishes what it runs when it is told to take no more', async () => {
    const [first, second] = [await openTurn(), await openTurn()];
    consume(new ProgrammedModel([hold, ...says('Aye.'), endsWell]));
    await queue.enqueue([first]);
    const [call] = await model.calls.until(1);
    await call?.holding.until(1);
    intake.abort();
    await queue.enqueue([second]);
    call?.release();
    await consumed;
    expect(await typesOf(first)).toEqual(['TurnStarted', 'TurnCompleted']);
    expect(await typesOf(second)).toEqual([]);
  });

  test('that is out of time aborts its calls and records what they cost', async () => {
    const message = await openTurn();
    consume(new ProgrammedModel([...says('I '), hold]));
    await queue.enqueue([message]);
    const [call] = await model.calls.until(1);
    await call?.holding.until(1);
    intake.abort();
    outOfTime.abort();
    await consumed;
    expect(await typesOf(message)).toEqual(['TurnStarted', 'AttemptSettled']);
  });

  test('that is out of time does not wait for a log that never answers', async () => {
    const message = await openTurn();
    consume(new ProgrammedModel([...says('I '), hold]));
    await queue.enqueue([message]);
    const [call] = await model.calls.until(1);
    await call?.holding.until(1);
    log.append = async () => ({ outcome: 'unknown', cause: 'the log is gone' });
    intake.abort();
    outOfTime.abort();
    await tick();
    await clock.advanceBy(limits.worker.lastEndingMs);
    await consumed;
    expect(await typesOf(message)).toEqual(['TurnStarted']);
  });
});

test('a turn that is brought again while it runs is done with when its run is: a broker may forget it then', async () => {
  const message = await openTurn();
  const handled: number[] = [];
  let handle: ((message: TurnMessage) => Promise<void>) | undefined;
  const noting: TurnQueue = {
    enqueue: async () => {},
    depth: () => 0,
    consume: async ({ onRequested, signal }) => {
      handle = onRequested;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    },
  };
  model = new ProgrammedModel([hold, ...says('Aye.'), endsWell]);
  const worker = createWorker({ ...ports, models: new Map([['main', model]]) });
  consumed = worker.consume(noting, intake.signal, outOfTime.signal);
  const both = [1, 2].map((time) => handle?.(message).then(() => handled.push(time)));
  const [call] = await model.calls.until(1);
  await call?.holding.until(1);
  await tick();
  expect(handled).toEqual([]);
  call?.release();
  await Promise.all(both);
  expect([handled, model.calls.all.length]).toEqual([[1, 2], 1]);
});
