import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MemoryTurnFeed } from '@turnledger/shared/adapters/memory';
import { openPostgres, PostgresEventLog, type PostgresStores } from '@turnledger/shared/adapters/postgres';
import { systemIds as ids, systemClock } from '@turnledger/shared/adapters/system';
import { limits, views, viewTable } from '@turnledger/shared/contracts';
import type { Clock, TurnQueue } from '@turnledger/shared/ports';
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
import { Client } from 'pg';
import { prepareReadModels } from './read-models/read-models.ts';
import { loopNames, runLoops } from './run-loops.ts';
import type { StalledLoop } from './watch-loop.ts';

const { stalledAfterMs, watchIntervalMs } = limits.projector;

/** A minute of it passes in two seconds. */
const SPEED = 30;
const clock: Clock = {
  nowMs: () => systemClock.nowMs(),
  monotonicMs: () => SPEED * systemClock.monotonicMs(),
  sleep: (ms, signal) => systemClock.sleep(ms / SPEED, signal),
};

let database: FreshDatabase;
let log: PostgresEventLog;
let stores: PostgresStores;
let played: PlayedPorts;
/** Somebody else, who can lock tables. */
let other: Client;
let isKafkaReady: boolean;
/** It takes messages and never acknowledges any. */
let isKafkaSilent: boolean;
let stop: AbortController;
let ended: Promise<void>;

beforeAll(async () => {
  database = await freshDatabase();
  const options = { url: database.connectionString, masterKey: Buffer.alloc(32, 7), ids, report: () => {} };
  stores = await openPostgres({ ...options, clock: systemClock });
  log = new PostgresEventLog({ connection: database, clock: systemClock });
  await prepareReadModels(stores.viewStore);
  played = { log, vault: stores.vault, ids, ledger: openLedger({ log, vault: stores.vault, clock: systemClock, ids }) };
  await publishSample(played);
  other = new Client({ connectionString: database.connectionString });
  await other.connect();
});
afterEach(async () => {
  await other.query('rollback');
  stop.abort();
  await ended;
});
afterAll(async () => {
  await other.end();
  await log.close();
  await stores.close();
  await database.drop();
});

const queue: TurnQueue = {
  enqueue: async () => {
    if (isKafkaSilent) await new Promise(() => {});
  },
  consume: async () => {},
  depth: () => 0,
};

/** The loops of a process over PostgreSQL, caught up. */
async function start() {
  const board = createHopBoard(clock, loopNames);
  [isKafkaReady, isKafkaSilent] = [true, false];
  board.add('kafka', () => ({ isReady: isKafkaReady }));
  stop = new AbortController();
  const stalls = new Arrivals<StalledLoop>();
  const { viewStore: store, checkpoints, parked, liveness, leadership } = stores;
  ended = runLoops(
    {
      ...{ log, store, checkpoints, parked, liveness, leadership, clock, board },
      ledger: played.ledger,
      queue,
      feed: new MemoryTurnFeed({ clock }),
      logger: silentLog,
      meter: (projector) => projector,
      onStalled: (stalled) => stalls.add(stalled),
    },
    ['read-models', 'relay'],
    stop.signal,
  );
  await until(() => isReady(board, 'read-models') && isReady(board, 'relay'));
  return { board, stalls };
}

const isReady = (board: HopBoard, hop: string) => board.hops().find(({ name }) => name === hop)?.isReady === true;

/** Looks every 10 ms; the test's own timeout ends it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await systemClock.sleep(10);
}

const openTurn = async () => requestSample(played, await startSample(played));

describe('loops over a real database', () => {
  test('views whose table somebody has locked are told of, and are named long before; the relay is not', async () => {
    const running = await start();
    await other.query(`begin; lock table ${viewTable(views.turns)} in access exclusive mode`);
    await openTurn();
    await until(() => !isReady(running.board, 'read-models'));
    expect(running.stalls.all).toEqual([]);
    const [stalled] = await running.stalls.until(1);
    expect(stalled).toMatchObject({ loop: 'read-models', head: String(await log.headPosition()) });
    expect(stalled?.stillMs).toBeGreaterThanOrEqual(stalledAfterMs);
    expect(isReady(running.board, 'relay')).toBe(true);
  });

  test('a relay whose broker never acknowledges, and answers all the same, is told of', async () => {
    const running = await start();
    isKafkaSilent = true;
    await openTurn();
    expect(await running.stalls.until(1)).toMatchObject([{ loop: 'relay' }]);
  });

  test('a relay whose broker is away is waited for', async () => {
    const running = await start();
    [isKafkaReady, isKafkaSilent] = [false, true];
    await openTurn();
    await clock.sleep(stalledAfterMs + 4 * watchIntervalMs);
    expect(running.stalls.all).toEqual([]);
  });
});
