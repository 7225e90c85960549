import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { firstBrokenLink, zeroHash } from '@turnledger/shared/trust';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { openEventStream } from './testing/event-stream.ts';
import { askingTwin, type HttpCalls, httpCalls } from './testing/http-calls.ts';
import { allRowTexts, type EventRow, eventRows } from './testing/stored-rows.ts';

/** One for each place that can hold what a player or a model said, or who they are. No two share a part. */
const SECRETS = {
  player: 'outside-player-4711',
  prompt: 'zebracrossing',
  reply: 'kingfisherblue',
  partial: 'marzipanlamp',
  state: 'umbrellastand',
  turnMetadata: 'velvetcurtain',
  sessionMetadata: 'copperkettle',
  stop: 'gingerbreadstop',
  failed: 'porcelainfox',
  refused: 'cinnamonraft',
  repeated: 'tangerineowl',
} as const;
const API_KEY = askingTwin({ url: '' } as ModelTwin).OPENAI_API_KEY ?? '';

let twin: ModelTwin;
let turnledger: EmbeddedProcess;
let calls: HttpCalls;
let rows: readonly EventRow[];
/** Of the re-runs. */
const shownTurns: string[] = [];

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  turnledger = await startEmbeddedProcess({ env: { ...askingTwin(twin), LOG_LEVEL: 'debug' } });
  calls = httpCalls(turnledger.url);
  const started = await calls.post('/v1/sessions', {
    player_id: SECRETS.player,
    metadata: { note: SECRETS.sessionMetadata },
  });
  const path = `/v1/sessions/${started.body.id}/turns`;
  const turn = { player_id: SECRETS.player, stop: [SECRETS.stop], metadata: { note: SECRETS.turnMetadata } };
  twin.plan({ text: `It was ${SECRETS.reply}.` });
  await calls.post(path, { ...turn, prompt: SECRETS.prompt, state: { rev: 1, data: { item: SECRETS.state } } });
  twin.plan({ text: `${SECRETS.partial} and so on and so forth`, fault: { kind: 'stall_mid_stream' } });
  const stream = await openEventStream(`${turnledger.url}${path}`, { body: { prompt: SECRETS.prompt, stream: true } });
  const shown = await stream.arrivals.until(3);
  await calls.post(`${path}/${shown[0]?.data.turn_id}/cancel`, {});
  await stream.closed;
  twin.plan({ text: `${SECRETS.failed} and so on and so forth`, fault: { kind: 'cut_mid_stream' } });
  await calls.post(path, { ...turn, prompt: SECRETS.prompt });
  twin.plan({ fault: { kind: 'status', status: 401 } });
  await calls.generate({ prompt: SECRETS.prompt, player_id: SECRETS.player });
  for (const body of [
    { prompt: `${SECRETS.refused}\0` },
    `{"prompt":"${SECRETS.refused}`,
    { prompt: '', [SECRETS.refused]: 1 },
  ]) {
    expect((await calls.post('/llm/generate', body)).status).toBeLessThan(500);
  }
  const last = await calls.generate({ prompt: SECRETS.prompt });
  await calls.get(`/v1/sessions?player_id=${SECRETS.player}&min_position=${last.body.log_position}`);
  await askAgain(`/v1/sessions/${started.body.id}/reruns`);
  rows = await eventRows(turnledger.dataDir);
});

afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

/** Its turns once with their recorded replies, once with new ones. */
async function askAgain(path: string): Promise<void> {
  twin.plan({ text: `It was ${SECRETS.repeated}.` });
  for (const body of [{}, { reuse: false }]) {
    const { id } = (await calls.post(path, body)).body;
    while (!(await calls.get(`/v1/reruns/${id}`)).text.includes('"status":"completed"'));
    shownTurns.push((await calls.get(`/v1/reruns/${id}/turns`)).text);
  }
}

test('the chain of every stream holds from its first event', () => {
  const streams = new Map<string, EventRow[]>();
  for (const row of rows) streams.set(row.stream, [...(streams.get(row.stream) ?? []), row]);
  const kinds = [...streams.keys()].map((stream) => stream.split('-')[0] ?? '').sort();
  // Each turn that is asked again has a session of its own.
  expect(kinds.filter((kind) => kind === 'rerunsession').length).toBeGreaterThan(2);
  expect(kinds.filter((kind) => kind !== 'rerunsession')).toEqual([
    'player',
    'rerun',
    'rerun',
    'scenario',
    'session',
    'session',
    'session',
  ]);
  for (const events of streams.values()) {
    expect(firstBrokenLink(events)).toBeUndefined();
    expect(events[0]?.metadata.prevHash).toBe(zeroHash);
  }
});

test('a changed letter, a removed event and a swapped pair each show', () => {
  const longest = rows.filter(({ stream }) => stream === rows.find(({ type }) => type === 'TurnCancelled')?.stream);
  const changed = longest.map((row, index) =>
    index === 2 ? { ...row, data: row.data.replace('"attempt":1', '"attempt":2') } : row,
  );
  expect(firstBrokenLink(changed)).toBe(2);
  expect(firstBrokenLink(longest.filter((_, index) => index !== 1))).toBe(2);
  expect(firstBrokenLink([longest[1], longest[0], ...longest.slice(2)].flatMap((row) => row ?? []))).toBe(1);
});

test('positions rise by one, and stored data is what JSON gives back', () => {
  expect(rows.map(({ position }) => Number(position))).toEqual(rows.map((_, index) => index + 1));
  for (const { data } of rows) expect(JSON.stringify(JSON.parse(data))).toBe(data);
});

test.each(Object.entries({ ...SECRETS, apiKey: API_KEY }))('%s is in no row of any table', async (_name, secret) => {
  const texts = await allRowTexts(turnledger.dataDir);
  expect(new Set(texts.map(({ table }) => table)).size).toBeGreaterThanOrEqual(7);
  const encodings = [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64').slice(0, -4)];
  const found = texts.filter(({ text }) => encodings.some((encoded) => text.includes(encoded)));
  expect(found).toEqual([]);
});

test('none of it is in any file of the data folder, PostgreSQL with its logs included', async () => {
  const files = (await readdir(turnledger.dataDir, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  expect(files.length).toBeGreaterThan(100);
  const found: string[] = [];
  for (const { parentPath, name } of files) {
    // A file may go while this looks: the server is alive.
    const bytes = await readFile(join(parentPath, name)).catch(() => Buffer.alloc(0));
    for (const secret of [...Object.values(SECRETS), API_KEY])
      if (bytes.includes(secret)) found.push(`${name}: ${secret}`);
  }
  expect(found).toEqual([]);
});

test('none of it was printed, at the level debug', () => {
  expect(turnledger.stderr()).toContain('"level":"error"');
  for (const secret of [...Object.values(SECRETS), API_KEY]) {
    expect(turnledger.stderr()).not.toContain(secret);
    expect(turnledger.stdout()).not.toContain(secret);
  }
});

test('it was there: the twin was told it, and the player is shown it', async () => {
  expect(twin.calls.map(({ body }) => body).join()).toContain(SECRETS.prompt);
  expect(twin.calls[0]?.headers.authorization).toBe(`Bearer ${API_KEY}`);
  const { body } = await calls.get(`/v1/sessions?player_id=${SECRETS.player}`);
  const replay = await calls.get(`/v1/sessions/${body.data.at(-1)?.id}/replay`);
  for (const name of ['player', 'prompt', 'reply', 'partial', 'turnMetadata', 'sessionMetadata'] as const) {
    expect(replay.text).toContain(SECRETS[name]);
  }
  for (const text of shownTurns) expect(text).toContain(SECRETS.prompt);
  expect(shownTurns.at(-1)).toContain(SECRETS.repeated);
});
