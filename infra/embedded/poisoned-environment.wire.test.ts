import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { httpCalls } from './testing/http-calls.ts';
import { allRowTexts } from './testing/stored-rows.ts';

/** Stands for the database, the proxy and the account of somebody else: every connection to it is one too many. */
let trap: Server;
let caught: number;
let twin: ModelTwin;
let poison: { readonly [name: string]: string };

const KEY = 'sk-of-somebody-else';

beforeAll(async () => {
  trap = createServer((socket: Socket) => {
    caught += 1;
    socket.destroy();
  });
  trap.listen(0, '127.0.0.1');
  await once(trap, 'listening');
  twin = await startModelTwin({ host: '127.0.0.1' });
  const { port } = trap.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  poison = {
    OPENAI_API_KEY: KEY,
    OPENAI_ADMIN_KEY: 'sk-admin-of-somebody-else',
    OPENAI_ORG_ID: 'org-of-somebody-else',
    OPENAI_PROJECT_ID: 'proj-of-somebody-else',
    OPENAI_CUSTOM_HEADERS: 'x-stolen: yes',
    OPENAI_LOG: 'debug',
    DATABASE_URL: `postgres://somebody:secret@127.0.0.1:${port}/theirs`,
    ...Object.fromEntries(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'FTP_PROXY'].map((name) => [name, url])),
    ...Object.fromEntries(['http_proxy', 'https_proxy', 'all_proxy', 'npm_config_proxy'].map((name) => [name, url])),
    NODE_USE_ENV_PROXY: '1',
    PGHOST: '127.0.0.1',
    PGHOSTADDR: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: 'somebody',
    PGPASSWORD: 'secret',
    PGDATABASE: 'theirs',
    PGSERVICE: 'theirs',
    PGPASSFILE: '/nowhere/pgpass',
    PGSSLMODE: 'require',
    PGSSLROOTCERT: '/nowhere/root.crt',
    PGOPTIONS: '-c default_transaction_read_only=on -c search_path=theirs -c statement_timeout=1',
    PGAPPNAME: 'theirs',
    PGCLIENTENCODING: 'LATIN1',
    PGDATA: '/nowhere',
    PGTZ: 'Pacific/Auckland',
    PGDATESTYLE: 'German',
    TZ: 'Pacific/Auckland',
    LC_ALL: 'C',
  };
});
beforeEach(() => {
  caught = 0;
  twin.reset();
});
afterEach(endEmbedded);
afterAll(async () => {
  await twin.close();
  trap.close();
  await once(trap, 'close');
});

/** Configures, plays and reads, so that every store and every loop has been at work. */
const playSomeTurns = async (url: string) => {
  const calls = httpCalls(url);
  const scenario = await calls.post('/llm/configure', { scenario_id: 'harbour', persona: { name: 'Marta' } });
  expect(scenario.status).toBe(201);
  const replies = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      calls.generate({ prompt: 'Grüße! Où étiez-vous?', scenario_id: 'harbour', player_id: name }),
    ),
  );
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  for (const { body } of replies) {
    const read = await calls.get(`${body.links.turn}?min_position=${body.log_position}`);
    expect(read).toMatchObject({ status: 200, body: { status: 'completed', prompt: 'Grüße! Où étiez-vous?' } });
    expect(Math.abs(Date.parse(read.body.requested_at) - Date.now())).toBeLessThan(60_000);
  }
};

test('somebody else’s keys, databases and proxies are not asked: the offline model answers, from our own database', async () => {
  const turnledger = await startEmbeddedProcess({ env: { ...poison, TURNLEDGER_SCRIPTED_WORD_MS: '0' } });
  await playSomeTurns(turnledger.url);
  expect(turnledger.stdout()).toContain('OPENAI_API_KEY was found and is not used');
  const texts = await allRowTexts(turnledger.dataDir);
  expect(await turnledger.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  expect(caught).toBe(0);
  expect(texts.filter(({ text }) => text.includes('somebody'))).toEqual([]);
  expect(`${turnledger.stdout()}${turnledger.stderr()}`).not.toContain('somebody');
});

test('an endpoint of our own gets nothing of it in its headers, and no proxy stands between', async () => {
  const { OPENAI_API_KEY: _key, ...others } = poison;
  const env = { ...others, OPENAI_BASE_URL: twin.url, TURNLEDGER_MODEL: 'twin-1' };
  const turnledger = await startEmbeddedProcess({ env });
  await playSomeTurns(turnledger.url);
  expect(await turnledger.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  expect(caught).toBe(0);
  expect(twin.totalCalls).toBe(3);
  for (const { headers } of twin.calls) {
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-client-request-id',
    ]);
  }
});

test('the key goes to the endpoint that it was configured for, and nothing else does', async () => {
  const turnledger = await startEmbeddedProcess({ env: { ...poison, OPENAI_BASE_URL: twin.url } });
  await playSomeTurns(turnledger.url);
  expect(caught).toBe(0);
  for (const { headers } of twin.calls) {
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    expect(JSON.stringify({ ...headers, authorization: '' })).not.toMatch(/somebody|stolen/);
  }
});
