import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  openMemoryKeyVault,
  openMemoryViewStore,
} from '@turnledger/shared/adapters/memory';
import { migratePostgres, openPostgresViewStore } from '@turnledger/shared/adapters/postgres';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, playerStream, rerunStream, scenarioStream, views, viewTable } from '@turnledger/shared/contracts';
import { accepted, closeGate, initialRerun, openGate, summariseRerun } from '@turnledger/shared/domain';
import type { ParkedEvent, RecordedEvent, ViewRow, ViewStore } from '@turnledger/shared/ports';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  answerSample,
  claimSample,
  compareSample,
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
  repeatSample,
  requestSample,
  rerunSample,
  sampleHmac,
  sampleRerunIds,
  startRerunSample,
  startSample,
} from '@turnledger/shared/testing';
import fc from 'fast-check';
import { Pool } from 'pg';
import { type AnyFold, type AnyLateFold, type Folds, foldBatch } from './fold-batch.ts';
import { llmCallsView } from './llm-calls-view.ts';
import { playersView } from './players-view.ts';
import { readModels } from './read-models.ts';
import { RecentRows } from './recent-rows.ts';
import { scenarioVersionsView } from './scenario-versions-view.ts';
import { sessionsView } from './sessions-view.ts';
import { turnsView } from './turns-view.ts';
import { usageDailyView } from './usage-daily-view.ts';
import { toViewEvents } from './view-events.ts';

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

const foldsOf = (folds: readonly unknown[], late: readonly unknown[]): Folds => ({
  folds: folds as readonly AnyFold[],
  late: late as readonly AnyLateFold[],
});

/** A player with a session, who changes their profile. */
async function recordPlayer(recorded: ReturnType<typeof emptyLog>): Promise<void> {
  await answerSample(recorded, await requestSample(recorded, await startSample(recorded, { player: 'alice' })));
  const { playerId = '' } = (await recorded.vault.findPlayer('alice')) ?? {};
  const consent = { training: true, analytics: false };
  for (const displayName of ['Alice', 'Al']) {
    const update = { type: 'PlayerProfileUpdated', data: { displayName, consent, profileHmac: sampleHmac } } as const;
    await recorded.ledger.players.transact(playerStream(playerId), () => accepted(update), {
      context: { actor: 'game', correlationId: 'test' },
    });
  }
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** The views hold the rows of a plain fold, and none besides for anything that the log names. */
async function expectFolded(store: ViewStore, log: MemoryEventLog): Promise<void> {
  const events = await eventsThrough(log, await log.headPosition());
  const named = events.flatMap(({ stream, data }) => `${stream} ${data}`.match(uuid) ?? []);
  const byKey = (rows: readonly ViewRow[]) =>
    Object.fromEntries(rows.map(({ key, record, ...row }) => [key, { ...row, record: JSON.parse(record) }]));
  for (const { view, rows } of await foldViews(log)) {
    const held = await store.rows(view, [...new Set([...rows.map(({ key }) => key), ...named])]);
    expect({ [view.name]: byKey(held) }).toEqual({ [view.name]: byKey(rows) });
  }
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
        await recordPlayer(recorded);
        await publishSample(recorded, { strategy: 'weighted' });
        const events = await eventsThrough(recorded.log, await recorded.log.headPosition());
        const fresh = await emptyStore();
        await project(unlucky(fresh, commits), events, batchSizes);
        await expectFolded(fresh, recorded.log);
      }),
      runs,
    );
  });

  test('a re-run has a row, and what is asked again in its sessions none, nor any share in what was used', async () => {
    const recorded = emptyLog();
    await publishSample(recorded);
    const sessionId = await startSample(recorded);
    const asked = await requestSample(recorded, sessionId);
    await answerSample(recorded, asked);
    const source = { sessionId, turnId: asked.turnId };
    const before = await foldViews(recorded.log);
    const rerunId = await rerunSample(recorded, [source]);
    for (const repetition of ['reused', 'failed', { reply: 'A foe.' }] as const) {
      const rerunSessionId = await startRerunSample(recorded, rerunId, source);
      await compareSample(recorded, rerunId, [await repeatSample(recorded, rerunSessionId, source, repetition)]);
    }
    await project(store, await eventsThrough(recorded.log, await recorded.log.headPosition()), [3]);
    await expectFolded(store, recorded.log);
    const after = (await foldViews(recorded.log)).filter(({ view }) => view !== views.reruns);
    expect(after).toEqual(before.filter(({ view }) => view !== views.reruns));
    expect(await store.rows(views.reruns, [rerunId])).toMatchObject([{ stream: rerunStream(rerunId), revision: 1 }]);
  });

  test('a game state that a re-run asks with again is nowhere a state of a session', async () => {
    const recorded = emptyLog();
    await publishSample(recorded);
    const sessionId = await startSample(recorded);
    const state = { rev: 7, data: { room: 'pier' } };
    const asked = await requestSample(recorded, sessionId, { state });
    await answerSample(recorded, asked);
    const source = { sessionId, turnId: asked.turnId };
    const rerunSessionId = await startRerunSample(recorded, await rerunSample(recorded, [source]), source);
    await requestSample(recorded, rerunSessionId, { state });
    await project(store, await eventsThrough(recorded.log, await recorded.log.headPosition()), [3]);
    await expectFolded(store, recorded.log);
  });

  test('what happens to a gate changes of the version that it holds back the revision alone', async () => {
    const recorded = emptyLog();
    await publishSample(recorded);
    await publishSample(recorded, { strategy: 'weighted' });
    const stream = scenarioStream('tavern');
    const context = { actor: 'game', correlationId: 'test' };
    const gate = { version: 1, rerunId: sampleRerunIds.rerun, thresholds: { minTurns: 1 } };
    const verdict = { ...gate, outcome: 'completed', summary: summariseRerun(initialRerun) } as const;
    await recorded.ledger.scenarios.transact(stream, (state) => openGate(gate, state), { context });
    await recorded.ledger.scenarios.transact(stream, (state) => closeGate(verdict, state), { context });
    await project(store, await eventsThrough(recorded.log, await recorded.log.headPosition()), [4]);
    await expectFolded(store, recorded.log);
    const [row] = await store.rows(views.scenarioVersions, ['tavern@1']);
    expect(JSON.parse(row?.record ?? '{}')).toMatchObject({ promotedRevision: 1, revision: 5 });
  });

  test.each<[string, Folds]>([
    ['some', foldsOf([sessionsView, scenarioVersionsView], [])],
    ['the calls', foldsOf([llmCallsView], [])],
    ['the usage', foldsOf([], [usageDailyView])],
    ['all but the usage', foldsOf([sessionsView, turnsView, llmCallsView, playersView], [])],
  ])('views that lag are brought up to the others by themselves, where %s are ahead', async (_case, ahead) => {
    const recorded = emptyLog();
    await publishSample(recorded);
    const sessionId = await startSample(recorded);
    await answerSample(recorded, await requestSample(recorded, sessionId));
    await claimSample(recorded, await requestSample(recorded, sessionId));
    const before = await eventsThrough(recorded.log, await recorded.log.headPosition());
    await store.prepare(Object.values(views));
    const to = before.at(-1)?.position ?? 0n;
    const recent = new RecentRows(store, limits.projector.recentRowsChars);
    const { changes } = await foldBatch(recent, ahead, toViewEvents(before, silentLog));
    await store.commit(changes, { from: 0n, to });

    await recordPlayer(recorded);
    await project(store, await eventsThrough(recorded.log, await recorded.log.headPosition()), [2, 500]);
    await expectFolded(store, recorded.log);
  });

  test.each([0n, 5n])('events that come again after a checkpoint was set back to %i change nothing', async (to) => {
    const recorded = emptyLog();
    await publishSample(recorded);
    await recordPlayer(recorded);
    const events = await eventsThrough(recorded.log, await recorded.log.headPosition());
    await project(store, events, [3]);
    const all = Object.values(views).map((view) => ({ view, rows: [] }));
    await store.commit(all, { from: await recorded.log.headPosition(), to });
    await project(store, events, [2]);
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
    const parked: ParkedEvent[] = [];
    const parking = { park: async (events: readonly ParkedEvent[]) => void parked.push(...events) };
    const logger = { ...silentLog, error: (facts: object) => reported.push(facts) };
    const projector = readModels(store, logger, undefined, parking);
    await projector.start();
    const head = await recorded.log.headPosition();
    await projector.apply(await eventsThrough(recorded.log, head), head, new AbortController().signal);
    expect(reported).toHaveLength(1);
    expect(parked).toMatchObject([
      { loop: 'read-models', event: { revision: 0 }, code: expect.stringMatching(/^event_/) },
    ]);
    expect(await store.rows(views.sessions, [sessionId])).toHaveLength(1);
    expect(await store.checkpoint(views.sessions)).toBe(head);
  });

  test('events of streams that are not ours move the checkpoint alone', async () => {
    const recorded = emptyLog();
    await recorded.log.append('elsewhere-1', 'no_stream', [encodedEvent()]);
    await project(store, await eventsThrough(recorded.log, 1n), [1]);
    expect(await store.checkpoint(views.turns)).toBe(1n);
  });

  test('a session under way costs one commit a batch and reads nothing', async () => {
    const recorded = emptyLog();
    await publishSample(recorded);
    const sessionId = await startSample(recorded);
    const reads: string[] = [];
    const counting: ViewStore = {
      ...store,
      rows: (view, keys) => {
        reads.push(view.name);
        return store.rows(view, keys);
      },
    };
    const projector = readModels(counting, silentLog);
    await projector.start();
    let position = 0n;
    const projectRest = async () => {
      const head = await recorded.log.headPosition();
      const fresh = (await eventsThrough(recorded.log, head)).filter((event) => event.position > position);
      for (const event of fresh) await projector.apply([event], event.position, new AbortController().signal);
      position = head;
    };
    await answerSample(recorded, await requestSample(recorded, sessionId));
    await projectRest();
    reads.length = 0;
    await answerSample(recorded, await requestSample(recorded, sessionId));
    await projectRest();
    expect(reads).toEqual([]);
    await expectFolded(store, recorded.log);
  });

  test('a rival who was faster leaves no stale row in memory', async () => {
    const recorded = emptyLog();
    await publishSample(recorded);
    const sessionId = await startSample(recorded);
    const [ours, rival] = [readModels(store, silentLog), readModels(store, silentLog)];
    const { signal } = new AbortController();
    let position = await ours.start();
    const next = async (projector: typeof ours) => {
      const head = await recorded.log.headPosition();
      const fresh = (await eventsThrough(recorded.log, head)).filter((event) => event.position > position);
      await projector.apply(fresh, head, signal);
      position = head;
    };
    await next(ours);
    await rival.start();
    const message = await requestSample(recorded, sessionId);
    await next(rival);
    await answerSample(recorded, message);
    await expect(next(ours)).rejects.toMatchObject({ code: 'store_unavailable' });
    position = await ours.start();
    await next(ours);
    await expectFolded(store, recorded.log);
  });

  test('tells who asks that nothing older is left', async () => {
    const positions: bigint[] = [];
    readModels(store, silentLog, (position) => positions.push(position)).onCaughtUp?.(7n);
    expect(positions).toEqual([7n]);
  });
});
