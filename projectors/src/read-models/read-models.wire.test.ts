import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  openMemoryKeyVault,
  openMemoryViewStore,
} from '@turnledger/shared/adapters/memory';
import { migratePostgres, openPostgresViewStore } from '@turnledger/shared/adapters/postgres';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { type View, views, viewTable } from '@turnledger/shared/contracts';
import type { RecordedEvent, ViewStore } from '@turnledger/shared/ports';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  answerSample,
  encodedEvent,
  eventsThrough,
  type FreshDatabase,
  foldViews,
  freshDatabase,
  freshStream,
  ManualClock,
  publishSample,
  type RandomSessions,
  randomSessions,
  recordSessions,
  requestSample,
  startSample,
} from '@turnledger/shared/testing';
import fc from 'fast-check';
import { Pool } from 'pg';
import { foldBatch, toViewEvents } from './fold-batch.ts';
import { readModels } from './read-models.ts';
import { scenarioVersionsView } from './scenario-versions-view.ts';
import { sessionsView } from './sessions-view.ts';
import type { ViewFold } from './view-fold.ts';

let database: FreshDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 2 });
  // A connection may still be closing when its database is dropped under it.
  pool.on('error', () => {});
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function emptyPostgres(): Promise<ViewStore> {
  for (const view of Object.values(views)) await pool.query(`drop table if exists ${viewTable(view)}`);
  await pool.query('truncate turnledger_views.checkpoint');
  return openPostgresViewStore({ pool });
}

function emptyLog() {
  const clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  return { clock, log, vault, ids, ledger: openLedger({ log, vault, clock, ids }) };
}

async function expectFolded(store: ViewStore, log: MemoryEventLog): Promise<void> {
  const folded = await foldViews(log);
  const held = async (view: View, keys: Iterable<string>) =>
    Object.fromEntries(
      (await store.rows(view, [...keys])).map(({ key, revision, record }) => [
        key,
        { revision, record: JSON.parse(record) },
      ]),
    );
  const expected = (records: ReadonlyMap<string, { readonly revision: number }>) =>
    Object.fromEntries(
      [...records].map(([key, record]) => [
        key,
        { revision: record.revision, record: JSON.parse(JSON.stringify(record)) },
      ]),
    );
  expect(await held(views.sessions, folded.sessions.keys())).toEqual(expected(folded.sessions));
  expect(await held(views.turns, folded.turns.keys())).toEqual(expected(folded.turns));
  expect(await held(views.scenarioVersions, folded.scenarioVersions.keys())).toEqual(expected(folded.scenarioVersions));
  for (const view of Object.values(views)) expect(await store.checkpoint(view)).toBe(await log.headPosition());
}

/** What goes wrong with a commit: nothing, it does not happen, it happens unheard, a rival was faster. */
const mishaps = ['none', 'none', 'none', 'not_done', 'done_unheard', 'rival'] as const;
type Mishap = (typeof mishaps)[number];

/** A store whose commits meet those mishaps, one after the other. */
function unlucky(store: ViewStore, all: readonly Mishap[]): ViewStore {
  let count = 0;
  return {
    ...store,
    async commit(changes, checkpoint) {
      const mishap = all[count % all.length];
      count += 1;
      // Each second commit goes well, or a run of mishaps would never end.
      if (count % 2 === 0 || mishap === 'none') return store.commit(changes, checkpoint);
      if (mishap !== 'not_done') await store.commit(changes, checkpoint);
      if (mishap === 'rival') return store.commit(changes, checkpoint);
      throw new TypeError('the connection is gone');
    },
  };
}

/** Projects a log as the loop would, batch by batch; after a failure from the checkpoint, every other time in a new process. */
async function project(store: ViewStore, events: readonly RecordedEvent[], sizes: readonly number[]): Promise<void> {
  let projector = readModels(store, silentLog);
  let position = await projector.start();
  const end = events.at(-1)?.position ?? 0n;
  const { signal } = new AbortController();
  for (let round = 0; position < end; round += 1) {
    const batch = events.filter((event) => event.position > position).slice(0, sizes[round % sizes.length]);
    const next = batch.at(-1)?.position ?? end;
    try {
      await projector.apply(batch, next, signal);
      position = next;
    } catch {
      if (round % 2 === 0) projector = readModels(store, silentLog);
      position = await projector.start();
    }
  }
}

describe.each([
  ['memory', async () => openMemoryViewStore(), { numRuns: 40, minBatch: 1 }],
  // A batch is a transaction of some 3 ms here, so fewer histories, in fewer batches; a failure is not made smaller, for the same reason.
  ['PostgreSQL', emptyPostgres, { numRuns: 10, minBatch: 12, endOnFailure: true }],
] as const)('read models over %s', (_name, emptyStore, { minBatch, ...runs }) => {
  let store: ViewStore;
  beforeEach(async () => {
    store = await emptyStore();
  });

  test('equal the fold of the log, whatever the batches, the crashes and the rivals', async () => {
    const sizes = fc.array(fc.integer({ min: minBatch, max: 40 }), { minLength: 1, maxLength: 8 });
    const luck = fc.array(fc.constantFrom(...mishaps), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(randomSessions, sizes, luck, async (history: RandomSessions, batchSizes, commits) => {
        const recorded = emptyLog();
        await publishSample(recorded);
        await recordSessions(recorded, history);
        await publishSample(recorded, { strategy: 'weighted' });
        const events = await eventsThrough(recorded.log, await recorded.log.headPosition());
        const fresh = await emptyStore();
        await project(unlucky(fresh, commits), events, batchSizes);
        await expectFolded(fresh, recorded.log);
      }),
      runs,
    );
  });

  test('a view that lags is brought up to the others alone', async () => {
    const recorded = emptyLog();
    await publishSample(recorded);
    const sessionId = await startSample(recorded);
    await answerSample(recorded, await requestSample(recorded, sessionId));
    const before = await eventsThrough(recorded.log, await recorded.log.headPosition());
    await store.prepare(Object.values(views));
    const ahead = [sessionsView, scenarioVersionsView] as readonly unknown[] as readonly ViewFold<{
      readonly revision: number;
    }>[];
    const to = before.at(-1)?.position ?? 0n;
    await store.commit(await foldBatch(store, ahead, toViewEvents(before, silentLog)), { from: 0n, to });

    await requestSample(recorded, sessionId);
    await project(store, await eventsThrough(recorded.log, await recorded.log.headPosition()), [2, 500]);
    await expectFolded(store, recorded.log);
  });

  test('a view that lags behind does not take the others back', async () => {
    const recorded = emptyLog();
    await publishSample(recorded);
    await answerSample(recorded, await requestSample(recorded, await startSample(recorded)));
    const events = await eventsThrough(recorded.log, await recorded.log.headPosition());
    await project(store, events, [500]);
    await project(store, events, [1]);
    await expectFolded(store, recorded.log);
  });

  test.each([
    ['of a version that is not known', { metadata: { schemaVersion: '9' } }],
    ['without its shape', { data: '{"turnId":7}' }],
    ['that is no JSON', { data: '{' }],
    ['of a type that is not known', { type: 'TurnSung', data: '{}' }],
  ])('an event %s is reported and left out; its neighbours go on', async (_case, special) => {
    const recorded = emptyLog();
    await publishSample(recorded);
    await recorded.log.append(freshStream(), 'no_stream', [
      encodedEvent({ metadata: { schemaVersion: '1' }, ...special }),
    ]);
    const sessionId = await startSample(recorded);
    const reported: object[] = [];
    const projector = readModels(store, { ...silentLog, error: (facts) => reported.push(facts) });
    await projector.start();
    const head = await recorded.log.headPosition();
    await projector.apply(await eventsThrough(recorded.log, head), head, new AbortController().signal);
    expect(reported).toHaveLength(1);
    expect(await store.rows(views.sessions, [sessionId])).toHaveLength(1);
    expect(await store.checkpoint(views.sessions)).toBe(head);
  });

  test('events of streams that are not ours move the checkpoint alone', async () => {
    const recorded = emptyLog();
    await recorded.log.append('elsewhere-1', 'no_stream', [encodedEvent()]);
    await project(store, await eventsThrough(recorded.log, 1n), [1]);
    expect(await store.checkpoint(views.turns)).toBe(1n);
  });

  test('tells who asks that nothing older is left', async () => {
    const positions: bigint[] = [];
    readModels(store, silentLog, (position) => positions.push(position)).onCaughtUp?.(7n);
    expect(positions).toEqual([7n]);
  });
});
