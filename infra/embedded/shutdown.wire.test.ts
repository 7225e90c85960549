import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { CLUSTER_NAME } from './postgres/place-cluster.ts';
import { findPostmaster } from './postgres/postmaster.ts';
import { testFolderPath } from './postgres/testing/test-folder.ts';
import { type EmbeddedProcess, endEmbedded, signalEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { openEventStream } from './testing/event-stream.ts';
import { askingTwin, httpCalls } from './testing/http-calls.ts';

let twin: ModelTwin;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
});
afterEach(() => twin.reset());
afterAll(async () => {
  await endEmbedded();
  await twin.close();
});

/** One folder for all: each process ends before the next one starts. */
const dataDir = testFolderPath();
const start = () => startEmbeddedProcess({ dataDir, env: askingTwin(twin) });
const turnStarted = async () => {
  while (twin.totalCalls === 0) await new Promise((resolve) => setImmediate(resolve));
};
const databaseIsLeft = async ({ dataDir }: EmbeddedProcess) =>
  (await findPostmaster(await realpath(join(dataDir, CLUSTER_NAME)))).state === 'ready';

/** Resolves once nobody listens any more: the first signal has been heard. */
const refusesConnections = async ({ url }: EmbeddedProcess): Promise<void> => {
  const { hostname, port } = new URL(url);
  const isRefused = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), hostname);
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
      socket.once('connect', () => socket.destroy());
    });
  while (!(await isRefused()));
};

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s lets a running turn finish, then ends the process by that signal',
  async (signal) => {
    twin.plan({ text: 'I was at the customs house until eleven.', tokenDelayMs: 100 });
    const turnledger = await start();
    const calls = httpCalls(turnledger.url);
    const waiting = calls.generate({ prompt: 'Where were you?' });
    const stream = await openEventStream(`${turnledger.url}/llm/generate`, {
      body: { prompt: 'And you?', stream: true },
    });
    await turnStarted();
    const signalledAtMs = performance.now();
    turnledger.signal(signal);
    await refusesConnections(turnledger);
    expect(await waiting).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect((await stream.closed).events.at(-1)?.event).toBe('turn.completed');
    expect(await turnledger.ended).toEqual({ code: null, signal });
    // The turns take 0.7 s; a connection kept alive by a client that has its answer must not hold the process up.
    expect(performance.now() - signalledAtMs).toBeLessThan(3_000);
    expect(await databaseIsLeft(turnledger)).toBe(false);
    expect(turnledger.stderr()).toBe('');
  },
);

test('SIGTERM ends a replay, which its client can resume: nobody waits for its slow end', async () => {
  twin.plan({ text: 'I was at the customs house until eleven.', tokenDelayMs: 100 });
  const turnledger = await start();
  const { body } = await httpCalls(turnledger.url).generate({ prompt: 'Where were you?' });
  // The turn took 0.7 s, so this takes 7.
  const replay = await openEventStream(`${turnledger.url}/v1/sessions/${body.session_id}/replay?speed=0.1`, {
    headers: { accept: 'text/event-stream' },
  });
  const signalledAtMs = performance.now();
  turnledger.signal('SIGTERM');
  const { isCut, events } = await replay.closed;
  expect(isCut).toBe(false);
  expect(events.at(-1)?.event).not.toBe('replay.ended');
  expect(await turnledger.ended).toEqual({ code: null, signal: 'SIGTERM' });
  expect(performance.now() - signalledAtMs).toBeLessThan(3_000);
});

test('SIGTERM ends the watching of a session, whose client comes back: nobody waits for its end', async () => {
  const turnledger = await start();
  const { body } = await httpCalls(turnledger.url).post('/v1/sessions', {});
  // More than the ten listeners of a signal from which Node warns of a leak.
  const watches = await Promise.all(
    Array.from({ length: 12 }, () => openEventStream(`${turnledger.url}/v1/sessions/${body.id}/events`)),
  );
  const signalledAtMs = performance.now();
  turnledger.signal('SIGTERM');
  const closed = await Promise.all(watches.map((watch) => watch.closed));
  expect(closed.filter(({ isCut }) => isCut)).toEqual([]);
  expect(await turnledger.ended).toEqual({ code: null, signal: 'SIGTERM' });
  expect(performance.now() - signalledAtMs).toBeLessThan(3_000);
  expect(turnledger.stderr()).toBe('');
});

test('a second SIGTERM ends it at once, and the next start finishes the turn', async () => {
  twin.plan({ fault: { kind: 'headers_never' } });
  const turnledger = await start();
  const asked = await httpCalls(turnledger.url).generate({ prompt: 'Well?' }, { prefer: 'respond-async' });
  await turnStarted();
  turnledger.signal('SIGTERM');
  await refusesConnections(turnledger);
  const signalledAtMs = performance.now();
  turnledger.signal('SIGTERM');
  expect(await turnledger.ended).toEqual({ code: null, signal: 'SIGTERM' });
  expect(performance.now() - signalledAtMs).toBeLessThan(500);

  twin.plan({ text: 'Here.' });
  const next = await start();
  const stream = await openEventStream(`${next.url}${asked.body.links.stream}`);
  expect((await stream.closed).events.at(-1)).toMatchObject({ event: 'turn.completed', data: { attempts: 2 } });
  await next.stop();
});

test('a signal during the start is heard: nothing is left running', async () => {
  const starting = start();
  while (!existsSync(join(dataDir, CLUSTER_NAME, 'postmaster.pid'))) await sleep(5);
  signalEmbedded(dataDir, 'SIGTERM');
  expect(await (await starting).ended).toEqual({ code: null, signal: 'SIGTERM' });
  expect((await findPostmaster(await realpath(join(dataDir, CLUSTER_NAME)))).state).toBe('absent');
});
