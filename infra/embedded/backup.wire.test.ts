import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testFolderPath } from './postgres/testing/test-folder.ts';
import { endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { httpCalls, type ReplyBody } from './testing/http-calls.ts';

/** The README's own line: follows the link that the cluster may be, and keeps owners and modes. */
const copy = (from: string, to: string) => promisify(execFile)('cp', ['-RpL', from, to]);

let dataDir = '';
let saved = '';
let told: ReplyBody;

beforeAll(async () => {
  const turnledger = await startEmbeddedProcess({ env: { TURNLEDGER_SCRIPTED_WORD_MS: '0' } });
  dataDir = turnledger.dataDir;
  told = (await httpCalls(turnledger.url).generate({ prompt: 'Where were you at 22:40?', player_id: 'ines' })).body;
  await turnledger.stop();
  saved = testFolderPath();
  await copy(dataDir, saved);
});
afterAll(endEmbedded);

test('a stopped folder that was copied elsewhere starts there with its history, and goes on', async () => {
  const restored = await startEmbeddedProcess({ dataDir: saved });
  expect(restored.stderr()).toBe('');
  expect(restored.stdout()).toContain(`data        ${saved}\n`);
  const { get, generate } = httpCalls(restored.url);
  expect((await get(told.links.turn)).body).toMatchObject({ id: told.id, response: told.response });
  const { body } = await get(`/v1/sessions?player_id=ines`);
  expect(body.data).toHaveLength(1);
  expect((await generate({ prompt: 'And then?' })).status).toBe(200);
  await restored.stop();
});

test('without master.key it is refused with what to do, and no key is made in its place', async () => {
  const key = join(dataDir, 'master.key');
  await rename(key, `${key}.elsewhere`);
  const refused = await startEmbeddedProcess({ dataDir });
  expect(await refused.ended).toEqual({ code: 1, signal: null });
  expect(refused.stderr()).toMatch(/^turnledger: [^\n]*master\.key is missing[^\n]*put it back[^\n]*\n$/);
  expect(existsSync(key)).toBe(false);

  await rename(`${key}.elsewhere`, key);
  const again = await startEmbeddedProcess({ dataDir });
  expect((await httpCalls(again.url).get(told.links.turn)).body).toMatchObject({ response: told.response });
});
