import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { migratePostgres, openPostgresViewDatabase, openPostgresViewStore } from '@turnledger/shared/adapters/postgres';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream } from '@turnledger/shared/contracts';
import { forkSession, rewindSession } from '@turnledger/shared/domain';
import type { ViewStore } from '@turnledger/shared/ports';
import { buildHttpApp, inheritedPlace, localCallers, openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  answerSample,
  type FreshDatabase,
  fillViews,
  freshDatabase,
  ManualClock,
  publishSample,
  requestSample,
  type ServedApp,
  sampleHmac,
  serveApp,
  startSample,
} from '@turnledger/shared/testing';
import { Pool } from 'pg';
import { queryRoutes } from './app.ts';

const context = { actor: 'game', correlationId: 'test' };

let database: FreshDatabase;
let pool: Pool;
let store: ViewStore;
let app: ServedApp;
let log: MemoryEventLog;
/** Of the process that takes the commands: what it appends, the one that is asked must find in the log. */
let played: Parameters<typeof startSample>[0];

beforeAll(async () => {
  database = await freshDatabase();
  await migratePostgres(database);
  pool = new Pool({ connectionString: database.connectionString, max: 3 });
  // A connection may still be closing when its database is dropped under it.
  pool.on('error', () => {});
  store = openPostgresViewStore({ pool });
  const clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  played = { ledger: openLedger({ log, vault, clock, ids }), vault, log, ids };
  const asked = {
    ledger: openLedger({ log, vault, clock, ids }),
    vault,
    feed: new MemoryTurnFeed({ clock }),
    clock,
    views: openPostgresViewDatabase({ pool }),
  };
  const allowed = { allowedHosts: ['localhost'], callers: localCallers };
  app = await serveApp(buildHttpApp({ ids, log: silentLog, ...allowed, routes: queryRoutes(asked) }).callback());
});

afterAll(async () => {
  await app.close();
  await pool.end();
  await database.drop();
});

/** A fork of a session of two turns, each of which brought a game state: its id, and that of the first turn. */
async function forkedSession(): Promise<{ readonly forkId: string; readonly first: string }> {
  const { sessions } = played.ledger;
  await publishSample(played);
  const sessionId = await startSample(played);
  const turnIds = [];
  for (const rev of [1, 2]) {
    const turn = await requestSample(played, sessionId, { state: { rev, data: { room: rev } } });
    await answerSample(played, turn);
    turnIds.push(turn.turnId);
  }
  const [first = '', second = ''] = turnIds;
  const { scenarioId, scenarioVersion, participants, keyId, revision } = await sessions.load(sessionStream(sessionId));
  const lineage = [{ sessionId, throughTurnId: second, throughPosition: 2, throughRevision: revision }];
  const hashes = { parentHash: sampleHmac, bodyHmac: sampleHmac };
  const command = { lineage, scenarioId, scenarioVersion, participants, keyId, ...hashes };
  const forkId = ids.uuid();
  await sessions.transact(sessionStream(forkId), (state) => forkSession(command, state), { context });
  return { forkId, first };
}

async function rewindTo(sessionId: string, toTurnId: string): Promise<void> {
  const { sessions } = played.ledger;
  const stream = sessionStream(sessionId);
  const inherited = await inheritedPlace(sessions, { sessionId, state: await sessions.load(stream) }, toTurnId);
  const { maxRewinds } = limits.session;
  const command = { rewindId: ids.uuid(), toTurnId, by: 'game', bodyHmac: sampleHmac, maxRewinds };
  await sessions.transact(stream, (state) => rewindSession({ ...command, ...(inherited && { inherited }) }, state), {
    context,
  });
}

test('a fork that another process has rewound behind what it began with is shown as it stands now', async () => {
  const { forkId, first } = await forkedSession();
  const shown = async () => {
    await fillViews(store, log);
    const [state, turns] = await Promise.all(
      ['state', 'turns?rewound=include'].map(async (tail) => {
        const reply = await app.send({ path: `/v1/sessions/${forkId}/${tail}`, headers: { host: 'localhost' } });
        return reply.json() as { readonly rev: number; readonly data: readonly { readonly rewound: boolean }[] };
      }),
    );
    return { rev: state?.rev, rewound: turns?.data.map(({ rewound }) => rewound) };
  };
  expect(await shown()).toEqual({ rev: 2, rewound: [false, false] });
  await rewindTo(forkId, first);
  expect(await shown()).toEqual({ rev: 1, rewound: [false, true] });
});
