import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MemoryCache, MemoryTurnFeed } from '@turnledger/shared/adapters/memory';
import { openPostgres, PostgresEventLog, type PostgresStores } from '@turnledger/shared/adapters/postgres';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { views, viewTable } from '@turnledger/shared/contracts';
import type { TurnMessage, TurnQueue } from '@turnledger/shared/ports';
import { createHopBoard, type HopBoard, openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  Arrivals,
  type FreshDatabase,
  freshDatabase,
  type PlayedPorts,
  publishSample,
  requestSample,
  startSample,
} from '@turnledger/shared/testing';
import { Pool } from 'pg';
import { prepareReadModels } from './read-models/read-models.ts';
import { loopNames, runLoops } from './run-loops.ts';

let database: FreshDatabase;
let log: PostgresEventLog;
let stores: PostgresStores;
let played: PlayedPorts;
let pool: Pool;
/** What all queues were given. */
const given = new Arrivals<TurnMessage>();

interface Instance {
  readonly board: HopBoard;
  readonly leads: () => readonly string[];
  stop(): Promise<void>;
}
const running: Instance[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  const options = { url: database.connectionString, masterKey: Buffer.alloc(32, 7), clock, ids, report: () => {} };
  stores = await openPostgres(options);
  log = new PostgresEventLog({ connection: database, clock });
  pool = new Pool({ connectionString: database.connectionString, max: 1 });
  pool.on('error', () => {});
  await prepareReadModels(stores.viewStore);
  played = { log, vault: stores.vault, ids, ledger: openLedger({ log, vault: stores.vault, clock, ids }) };
  await publishSample(played);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

afterAll(async () => {
  await log.close();
  await stores.close();
  await pool.end();
  await database.drop();
});

const queue: TurnQueue = {
  enqueue: async (messages) => {
    for (const message of messages) given.add(message);
  },
  consume: async () => {},
  depth: () => 0,
};

/** All loops of one process. */
function start(): Instance {
  const board = createHopBoard(clock, loopNames);
  const stop = new AbortController();
  const ledger = openLedger({ log, vault: stores.vault, clock, ids, cache: new MemoryCache({ clock }) });
  const { viewStore: store, checkpoints, parked, liveness, leadership } = stores;
  const ended = runLoops(
    {
      ...{ log, ledger, store, checkpoints, parked, liveness, leadership, queue, clock, board },
      feed: new MemoryTurnFeed({ clock }),
      logger: silentLog,
      meter: (projector) => projector,
      onStalled: () => {},
    },
    loopNames,
    stop.signal,
  );
  const instance = {
    board,
    leads: () =>
      board
        .hops()
        .filter(({ facts }) => facts?.leads === true)
        .map(({ name }) => name),
    stop: () => {
      stop.abort();
      return ended;
    },
  };
  running.push(instance);
  return instance;
}

/** Looks every 20 ms; the test's own timeout ends it. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await clock.sleep(20);
}

const openTurn = async (): Promise<TurnMessage> => requestSample(played, await startSample(played));
const hasRow = async ({ turnId }: TurnMessage) =>
  (await pool.query(`select 1 from ${viewTable(views.turns)} where key = $1`, [turnId])).rows.length > 0;

describe('two processes with all loops', () => {
  test('each loop is led by one of them, and both are ready', async () => {
    const [one, two] = [start(), start()];
    await until(() => one.leads().length + two.leads().length === loopNames.length);
    await until(() => [one, two].every(({ board }) => board.hops().every(({ isReady }) => isReady)));
    expect([...one.leads(), ...two.leads()].toSorted()).toEqual([...loopNames].toSorted());
  });

  test('one turn is relayed once and projected', async () => {
    const before = given.all.length;
    const [one, two] = [start(), start()];
    await until(() => one.leads().length + two.leads().length === loopNames.length);
    const message = await openTurn();
    await until(() => hasRow(message));
    await until(() => given.all.slice(before).some(({ turnId }) => turnId === message.turnId));
    const relayed = given.all.slice(before).filter(({ turnId, origin }) => turnId === message.turnId && origin);
    expect(relayed).toHaveLength(1);
  });

  test('what the leader of every loop leaves, the other leads within three seconds, from its checkpoint', async () => {
    const one = start();
    await until(() => one.leads().length === loopNames.length);
    const two = start();
    const first = await openTurn();
    await until(() => hasRow(first));
    await one.stop();
    const startedMs = clock.monotonicMs();
    const second = await openTurn();
    await until(() => two.leads().length === loopNames.length);
    expect(clock.monotonicMs() - startedMs).toBeLessThan(3_000);
    await until(() => hasRow(second));
    await until(() => given.all.some(({ turnId }) => turnId === second.turnId));
  });

  test('a leader whose connections are cut leaves nothing undone', async () => {
    const [one, two] = [start(), start()];
    await until(() => one.leads().length + two.leads().length === loopNames.length);
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like 'turnledger-lead-%'`,
    );
    const message = await openTurn();
    await until(() => hasRow(message));
    await until(() => given.all.some(({ turnId }) => turnId === message.turnId));
    await until(() => one.leads().length + two.leads().length === loopNames.length);
  });
});
