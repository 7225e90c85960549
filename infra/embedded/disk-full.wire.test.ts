import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { askingTwin } from './testing/http-calls.ts';
import { askOnce, insist, misleading } from './testing/insistent-client.ts';
import { mountSmallDisk, type SmallDisk } from './testing/small-disk.ts';
import { logFacts } from './testing/sound-log.ts';
import { withDatabase } from './testing/stored-rows.ts';

/** A new cluster is 40 MiB with its first log segments; at 200 a segment more still fits. */
const DISK_MIB = 200;
const BACK_WITHIN_MS = 30_000;
/** Some 15 KiB that do not compress to nothing: two pages of a table, so that a full disk shows at the first turn. */
const PADDING = Array.from({ length: 3_000 }, (_, index) => index.toString(36)).join(' ');

const probe = mountSmallDisk(1);
probe?.unmount();
/** Elsewhere PostgreSQL has to be taken at its word: all that differs is the code of its error. */
const withDisk = probe === undefined ? test.skip : test;

let twin: ModelTwin;
let disk: SmallDisk | undefined;
let turnledger: EmbeddedProcess;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1', behaviour: { text: 'I was at home.' } });
});
beforeEach(async () => {
  twin.reset();
  disk = probe && mountSmallDisk(DISK_MIB);
  if (disk) turnledger = await startEmbeddedProcess({ dataDir: join(disk.folder, 'data'), env: askingTwin(twin) });
});
afterEach(async () => {
  await endEmbedded();
  disk?.unmount();
});
afterAll(() => twin.close());

/** Nothing is bought while the disk is full; then every turn is had, each once, those from before as they were. */
const playThrough = async (fills: () => Promise<void>) => {
  const { url, dataDir } = turnledger;
  const before = await Promise.all(['a', 'b', 'c'].map((key) => askOnce(url, key)));
  expect(before.map(({ status }) => status)).toEqual([200, 200, 200]);
  await fills();
  const refused = await Promise.all(['d', 'e', 'f'].map((key) => askOnce(url, key, PADDING)));
  expect(refused.map(({ status }) => status)).toEqual([503, 503, 503]);
  expect(misleading(refused)).toEqual([]);
  expect(twin.totalCalls).toBe(before.length);

  await disk?.empty();
  const late = await Promise.all(['d', 'e', 'f', 'g'].map((key) => insist(url, key, BACK_WITHIN_MS, PADDING)));
  expect(late.map((replies) => replies.at(-1)?.status)).toEqual([200, 200, 200, 200]);
  expect(misleading(late.flatMap((replies) => replies.slice(0, -1)))).toEqual([]);
  const after = await Promise.all(['a', 'b', 'c'].map((key) => askOnce(url, key)));
  expect(after.map(({ text }) => text)).toEqual(before.map(({ text }) => text));
  const facts = await logFacts(dataDir);
  expect(facts).toEqual({ brokenStreams: [], requested: 7, ended: 7, endedTwice: [], claimedCalls: 7 });
  expect(twin.totalCalls).toBe(7);
};

withDisk(
  'no room for another row: turns are refused and not bought until there is (needs the right to mount)',
  async () => {
    await playThrough(async () => {
      await disk?.fill();
      // On busy cores an append may be given up, its outcome unknown, before PostgreSQL says what is wrong: asked again, it does.
      while (!turnledger.stderr().includes('53100'))
        expect((await askOnce(turnledger.url, 'd', PADDING)).status).toBe(503);
    });
  },
  90_000,
);

withDisk(
  'no room for PostgreSQL’s own log: the server ends, and comes back with the space (needs the right to mount)',
  async () => {
    await playThrough(async () => {
      await disk?.fill();
      // Each switch takes a segment of 16 MiB; once none is left to use again this one panics, and its recovery has no room either.
      const turn = `select pg_logical_emit_message(false, 'turnledger', 'full'), pg_switch_wal()`;
      const ended = withDatabase(turnledger.dataDir, async (client) => {
        for (;;) await client.query(turn);
      });
      await expect(ended).rejects.toBeDefined();
      // With room again a moment too early its recovery succeeds, and it never ends.
      await turnledger.told('PostgreSQL ended by itself and is started again');
    });
  },
  90_000,
);
