import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { MemoryTurnFeed, MemoryTurnQueue } from '@turnledger/shared/adapters/memory';
import { openPostgres, PostgresEventLog, type PostgresStores } from '@turnledger/shared/adapters/postgres';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits } from '@turnledger/shared/contracts';
import type { TurnMessage } from '@turnledger/shared/ports';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  endsWell,
  type FreshDatabase,
  freshDatabase,
  type ModelStep,
  ProgrammedModel,
  publishSample,
  requestSample,
  says,
  sessionEvents,
  sessionEventTypes,
  startSample,
} from '@turnledger/shared/testing';
import { createWorker } from './consume-turns.ts';
import { watchHolders } from './holder-watch.ts';

const hold: ModelStep = { kind: 'hold' };

let database: FreshDatabase;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => database.drop());

/** A worker as in a process of its own: with a log, a vault, beats and a queue of its own, over the one database. */
async function startWorker(...programs: (readonly ModelStep[])[]) {
  const stores: PostgresStores = await openPostgres({
    url: database.connectionString,
    masterKey: Buffer.alloc(32, 7),
    clock,
    ids,
    report: () => {},
  });
  const log = new PostgresEventLog({ connection: database, clock });
  const { vault } = stores;
  const ledger = openLedger({ log, vault, clock, ids });
  const queue = new MemoryTurnQueue({ onError: () => {} });
  const model = new ProgrammedModel(...programs);
  const beats = { arrive: true };
  const liveness = {
    ...stores.liveness,
    beat: async (who: string) => (beats.arrive ? stores.liveness.beat(who) : undefined),
  };
  const worker = createWorker({
    ...{ ledger, vault, clock, ids, liveness },
    feed: new MemoryTurnFeed({ clock }),
    log: silentLog,
    models: new Map([['main', model]]),
    holders: watchHolders({ liveness, clock }),
  });
  const intake = new AbortController();
  const outOfTime = new AbortController();
  const consuming = worker.consume(queue, intake.signal, outOfTime.signal);
  closing.push(async () => {
    intake.abort();
    outOfTime.abort();
    await consuming;
    await log.close();
    await stores.close();
  });
  return { played: { ledger, vault, log, ids }, queue, model, beats, worker, liveness };
}

type Started = Awaited<ReturnType<typeof startWorker>>;

const openTurn = async ({ played }: Started): Promise<TurnMessage> => {
  await publishSample(played);
  return requestSample(played, await startSample(played));
};

async function untilEnded({ played }: Started, { sessionId }: TurnMessage): Promise<readonly string[]> {
  for (;;) {
    const types = (await sessionEventTypes(played, sessionId)).slice(2);
    if (types.includes('TurnCompleted')) return types;
    await clock.sleep(50);
  }
}

test('the turn of a worker that is silent is taken over after its lease, and runs to its end as attempt 2', async () => {
  const silent = await startWorker([hold]);
  const message = await openTurn(silent);
  await silent.queue.enqueue([message]);
  const [call] = await silent.model.calls.until(1);
  await call?.holding.until(1);
  silent.beats.arrive = false;
  const other = await startWorker([...says('Aye.'), endsWell]);
  const startedMs = clock.monotonicMs();
  // As the broker does: the message of a dead member comes to another.
  await other.queue.enqueue([message]);
  const types = await untilEnded(other, message);
  const tookMs = clock.monotonicMs() - startedMs;
  expect(types.slice(0, 4)).toEqual(['TurnStarted', 'TurnAttemptFailed', 'TurnStarted', 'TurnCompleted']);
  expect(tookMs).toBeGreaterThanOrEqual(limits.worker.leaseMs);
  expect(tookMs).toBeLessThan(limits.worker.leaseMs + 3 * limits.liveness.lookMs);
  const attempts = (await sessionEvents(other.played, message.sessionId)).flatMap((event) =>
    event.type === 'TurnStarted' ? [(event.data as { readonly attempt: number }).attempt] : [],
  );
  expect(attempts).toEqual([1, 2]);
});

test('a turn that a living worker runs is never run by another, though both have its message', async () => {
  const holder = await startWorker([hold, ...says('Aye.'), endsWell]);
  const message = await openTurn(holder);
  await holder.queue.enqueue([message]);
  const [call] = await holder.model.calls.until(1);
  await call?.holding.until(1);
  const other = await startWorker();
  await other.queue.enqueue([message]);
  await clock.sleep(limits.worker.leaseMs + 2 * limits.liveness.lookMs);
  call?.release();
  expect(await untilEnded(holder, message)).toEqual(['TurnStarted', 'TurnCompleted']);
  expect(other.model.calls.all).toHaveLength(0);
});

test('of three workers that find a lost turn at once, one takes it', async () => {
  const gone = await startWorker([hold]);
  const message = await openTurn(gone);
  await gone.queue.enqueue([message]);
  const [call] = await gone.model.calls.until(1);
  await call?.holding.until(1);
  gone.beats.arrive = false;
  await gone.liveness.end(gone.worker.incarnation);
  const others = await Promise.all([1, 2, 3].map(() => startWorker([...says('Aye.'), endsWell])));
  await Promise.all(others.map(({ queue }) => queue.enqueue([message])));
  const [first] = others;
  const types = first ? await untilEnded(first, message) : [];
  expect(types.filter((type) => type === 'TurnStarted')).toHaveLength(2);
  expect(others.reduce((calls, { model }) => calls + model.calls.all.length, 0)).toBe(1);
});
