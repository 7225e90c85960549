import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { killPostgres } from '../chaos/kill-postgres.ts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { connectionUrl } from './postgres/server-address.ts';
import { startPostgres } from './postgres/start-postgres.ts';
import { makeTestFolder, quietLog, removeTestFolder } from './postgres/testing/test-folder.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { askingTwin } from './testing/http-calls.ts';
import { askOnce, insist, misleading } from './testing/insistent-client.ts';
import { logFacts } from './testing/sound-log.ts';
import { withDatabase } from './testing/stored-rows.ts';

const BACK_WITHIN_MS = 20_000;
const UNDER_WAY = 20;

let twin: ModelTwin;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1', behaviour: { text: 'I was at home.', tokenDelayMs: 5 } });
});
beforeEach(() => twin.reset());
afterEach(endEmbedded);
afterAll(() => twin.close());

/** Turns are under way when the database goes; whoever insists gets each of them, once. `dataDir` is where the database is. */
const playThrough = async ({ url, stderr }: EmbeddedProcess, dataDir: string, goes: () => Promise<void>) => {
  const before = await Promise.all(['a', 'b', 'c'].map((key) => askOnce(url, key)));
  expect(before.map(({ status }) => status)).toEqual([200, 200, 200]);
  const underWay = Array.from({ length: UNDER_WAY }, (_, index) => insist(url, `turn ${index}`, BACK_WITHIN_MS));
  while (twin.totalCalls < before.length + UNDER_WAY / 2) await new Promise((resolve) => setImmediate(resolve));
  await goes();
  const answers = await Promise.all([...underWay, insist(url, 'late', BACK_WITHIN_MS)]).catch(async (cause) => {
    // A connection that was cut says nothing; what the process wrote last, and whether it still answers, does.
    const alive = await fetch(`${url}/healthz`).then(({ status }) => status, String);
    throw new Error(`${alive} at /healthz after: ${stderr()}`, { cause });
  });
  expect(answers.map((replies) => replies.at(-1)?.status)).toEqual(answers.map(() => 200));
  expect(misleading(answers.flatMap((replies) => replies.slice(0, -1)))).toEqual([]);
  expect(stderr()).toContain('the database went away; requests answer 503 until it is back');

  // What was acknowledged before is what is answered now, and nothing was bought for it again.
  const calls = twin.totalCalls;
  const after = await Promise.all(['a', 'b', 'c'].map((key) => askOnce(url, key)));
  expect(after.map(({ text }) => text)).toEqual(before.map(({ text }) => text));
  expect(twin.totalCalls).toBe(calls);
  const turns = before.length + UNDER_WAY + 1;
  const facts = await logFacts(dataDir);
  expect(facts).toMatchObject({ brokenStreams: [], requested: turns, ended: turns, endedTwice: [] });
  expect(calls).toBeLessThanOrEqual(facts.claimedCalls);
};

test('one backend killed with SIGKILL: PostgreSQL recovers, the process goes on, nothing is lost or doubled', async () => {
  const turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  const { dataDir } = turnledger;
  await playThrough(turnledger, dataDir, () =>
    withDatabase(dataDir, async (client) => {
      const writer = `select pid from pg_stat_activity where application_name = 'turnledger-log-writer'`;
      const { rows } = await client.query<{ pid: number }>(writer);
      process.kill(rows[0]?.pid ?? Number.NaN, 'SIGKILL');
      // Ends with its connection, as every other does.
      await client.query('select pg_sleep(60)').catch(() => undefined);
    }),
  );
  expect(turnledger.stderr()).not.toContain('is started again');
}, 60_000);

test('the whole server killed with SIGKILL: it is started again, the process goes on, nothing is lost or doubled', async () => {
  const turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  await playThrough(turnledger, turnledger.dataDir, () => killPostgres(turnledger.dataDir));
  expect(turnledger.stderr()).toContain('PostgreSQL ended by itself and is started again');
  expect(await turnledger.stop()).toEqual({ code: null, signal: 'SIGTERM' });
}, 60_000);

test('an external server stopped and started: the process waits, goes on, and nothing is lost or doubled', async () => {
  const dataDir = await makeTestFolder();
  let postgres = await startPostgres({ dataDir, log: quietLog });
  try {
    const DATABASE_URL = connectionUrl(postgres.connection);
    const env = { ...askingTwin(twin), TURNLEDGER_DATABASE: 'external', DATABASE_URL };
    await playThrough(await startEmbeddedProcess({ env }), dataDir, async () => {
      await postgres.stop();
      postgres = await startPostgres({ dataDir, log: quietLog });
    });
  } finally {
    await endEmbedded();
    await postgres.stop();
    await removeTestFolder(dataDir);
  }
}, 60_000);

test('a data folder that is deleted under a running server ends the process, which makes no new one in its place', async () => {
  const turnledger = await startEmbeddedProcess({ env: askingTwin(twin) });
  await askOnce(turnledger.url, 'a');
  const { dataDir } = turnledger;
  await killPostgres(dataDir, () => void removeTestFolder(dataDir));
  expect(await turnledger.ended).toEqual({ code: 1, signal: null });
  expect(turnledger.stderr()).toContain('Turnledger ends too');
}, 60_000);
