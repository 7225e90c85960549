import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { migratePostgres, openPostgresViewDatabase, openPostgresViewStore } from '@turnledger/shared/adapters/postgres';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { positionToken, sessionStream } from '@turnledger/shared/contracts';
import { forkSession, rewindSession } from '@turnledger/shared/domain';
import { buildHttpApp, localCallers, openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  answerSample,
  type FreshDatabase,
  fillViews,
  freshDatabase,
  ManualClock,
  publishSample,
  requestSample,
  type ServedApp,
  sampleFork,
  sampleHmac,
  sampleRewind,
  serveApp,
  startSample,
} from '@turnledger/shared/testing';
import { Pool } from 'pg';
import { queryRoutes } from './app.ts';

const context = { actor: 'game', correlationId: 'test' };

let database: FreshDatabase;
let pool: Pool;
let app: ServedApp;
let clock: ManualClock;
let played: Parameters<typeof startSample>[0];
/** A fork of a session with two turns, and the turns of both. The process that is asked has read it once, and is not told of what comes. */
let fork: string;
let turns: readonly string[];

const get = async (path: string) =>
  (await app.send({ path: `/v1/sessions/${fork}${path}`, headers: { host: 'localhost' } })).json();

async function say(sessionId: string, rev: number): Promise<string> {
  const turn = await requestSample(played, sessionId, { state: { rev, data: { room: rev } } });
  await answerSample(played, turn);
  return turn.turnId;
}

const load = (sessionId: string) => played.ledger.sessions.load(sessionStream(sessionId));
const project = () => fillViews(openPostgresViewStore({ pool }), played.log);

async function forkOf(sessionId: string, throughTurnId: string, throughPosition: number): Promise<string> {
  const { revision: throughRevision, participants, keyId } = await load(sessionId);
  const lineage = [{ sessionId, throughTurnId, throughPosition, throughRevision }];
  const command = sampleFork({ lineage, participants, keyId, parentHash: sampleHmac, bodyHmac: sampleHmac });
  const forkId = ids.uuid();
  await played.ledger.sessions.transact(sessionStream(forkId), (state) => forkSession(command, state), { context });
  return forkId;
}

/** Goes back to a turn that the fork began with; answers the log position of the rewind. */
async function rewindTo(toTurnId: string, position: number): Promise<string> {
  const command = sampleRewind({
    rewindId: ids.uuid(),
    toTurnId,
    inherited: { turnId: toTurnId, position },
    bodyHmac: sampleHmac,
  });
  const stream = sessionStream(fork);
  await played.ledger.sessions.transact(stream, (state) => rewindSession(command, state), { context });
  return positionToken({ stream, revision: (await load(fork)).revision });
}

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 3 });
  // A connection may still be closing when its database is dropped under it.
  pool.on('error', () => {});
});

beforeEach(async () => {
  clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  played = { ledger: openLedger({ log, vault, clock, ids }), vault, log, ids };
  await publishSample(played);
  const sessionId = await startSample(played);
  const shared = [await say(sessionId, 1), await say(sessionId, 2)];
  fork = await forkOf(sessionId, shared[1] ?? '', 2);
  turns = [...shared, await say(fork, 3)];
  await project();
  const views = openPostgresViewDatabase({ pool });
  const ledger = openLedger({ log, vault, clock, ids });
  const routes = queryRoutes({ ledger, vault, feed: new MemoryTurnFeed({ clock }), clock, views });
  const http = { ids, log: silentLog, allowedHosts: ['localhost'], callers: localCallers, routes };
  app = await serveApp(buildHttpApp(http).callback());
  await get('/lineage');
});

afterEach(() => app.close());

afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('after a rewind of a fork in another process', () => {
  test('its state is that of the turn it is back at', async () => {
    const position = await rewindTo(turns[0] ?? '', 1);
    await project();
    expect(await get(`/state?min_position=${position}`)).toMatchObject({ rev: 1, data: { room: 1 } });
  });

  test('its list says of the turns it began with which are rewound', async () => {
    const position = await rewindTo(turns[0] ?? '', 1);
    await project();
    expect(await get(`/turns?rewound=include&min_position=${position}`)).toMatchObject({
      data: [
        { id: turns[0], rewound: false },
        { id: turns[1], rewound: true },
        { id: turns[2], rewound: true },
      ],
    });
  });
});
