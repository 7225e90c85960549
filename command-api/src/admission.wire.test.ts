import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryRateCounter,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream } from '@turnledger/shared/contracts';
import { buildHttpApp, localCallers, openLedger, silentLog } from '@turnledger/shared/runtime';
import { absentViews, ManualClock, type ServedApp, scriptedEndpoints, serveApp } from '@turnledger/shared/testing';
import { commandRoutes } from './app.ts';
import type { CommandPorts } from './ports.ts';
import { publishDefaultScenario } from './publish-default-scenario.ts';

const { maxOpenTurnsPerPlayer } = limits.admission;

let clock: ManualClock;
let log: MemoryEventLog;
let ports: CommandPorts;
let app: ServedApp;

/** Commands without a worker: a turn that is asked for stays open. */
async function serve(perMinute = 0): Promise<void> {
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  const ledger = openLedger({ log, vault, clock, ids });
  const feed = new MemoryTurnFeed({ clock });
  const turnRate = new MemoryRateCounter({ perMinute, clock });
  const endpoints = scriptedEndpoints('default');
  ports = { ledger, vault, views: absentViews, feed, clock, ids, endpoints, turnRate };
  await publishDefaultScenario(ledger, 'test');
  const routes = commandRoutes(ports);
  app = await serveApp(
    buildHttpApp({ ids, log: silentLog, allowedHosts: ['localhost'], callers: localCallers, routes }).callback(),
  );
}

beforeEach(() => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
});

afterEach(() => app.close());

async function post(path: string, body: object, headers: { readonly [name: string]: string } = {}) {
  const reply = await app.send({ method: 'POST', path, body, headers: { host: 'localhost', ...headers } });
  const json = reply.json() as { readonly id: string; readonly session_id: string; readonly code: string };
  return { status: reply.status, headers: reply.headers, body: json };
}

const ask = (body: object = {}, headers = {}) =>
  post('/llm/generate', { prompt: 'Hello?', player_id: 'ana', ...body }, { prefer: 'respond-async', ...headers });

const keyed = (key: string) => ({ 'idempotency-key': `"${key}"` });

describe('too many open turns of a player', () => {
  test('are refused with 429, to be tried again, and record nothing', async () => {
    await serve();
    for (let index = 0; index < maxOpenTurnsPerPlayer; index += 1) expect((await ask()).status).toBe(202);
    const before = await log.headPosition();
    expect(await ask()).toMatchObject({
      status: 429,
      body: { code: 'too_many_open_turns' },
      headers: { 'retry-after': '1', 'x-should-retry': 'true' },
    });
    expect(await log.headPosition()).toBe(before);
    expect((await ask({ player_id: 'bob' })).status).toBe(202);
  });

  test('do not keep a known key from its answer', async () => {
    await serve();
    const first = await ask({}, keyed('first'));
    for (let index = 1; index < maxOpenTurnsPerPlayer; index += 1) await ask();
    expect(await ask({}, keyed('first'))).toMatchObject({ status: 202, body: { id: first.body.id } });
    expect((await ask({}, keyed('other'))).status).toBe(429);
  });

  test('make room when one is cancelled', async () => {
    await serve();
    const { body } = await ask();
    for (let index = 1; index < maxOpenTurnsPerPlayer; index += 1) await ask();
    await post(`/v1/sessions/${body.session_id}/turns/${body.id}/cancel`, {});
    expect((await ask()).status).toBe(202);
  });

  test('are not made by requests that are refused', async () => {
    await serve();
    const { body } = await ask();
    for (let index = 0; index < 2 * maxOpenTurnsPerPlayer; index += 1)
      expect((await ask({ session_id: body.session_id })).body.code).toBe('turn_open');
    expect((await ask()).status).toBe(202);
  });

  test('are not made by one that interrupts itself again and again', async () => {
    await serve();
    await post('/llm/configure', { turns: { on_busy: 'interrupt' } });
    const { body: session } = await post('/v1/sessions', { player_id: 'ana' });
    for (let index = 0; index < 2 * maxOpenTurnsPerPlayer; index += 1)
      expect((await ask({ session_id: session.id })).status).toBe(202);
    const types = (await log.readStream(sessionStream(session.id))).map(({ type }) => type);
    expect(types.filter((type) => type === 'TurnCancelled')).toHaveLength(2 * maxOpenTurnsPerPlayer - 1);
  });
});

describe('a rate of turns a player', () => {
  test('refuses what is faster with when to come again; a retry is free', async () => {
    await serve(2);
    await ask({}, keyed('first'));
    for (let index = 0; index < 5; index += 1) expect((await ask({}, keyed('first'))).status).toBe(202);
    expect((await ask()).status).toBe(202);
    expect(await ask()).toMatchObject({
      status: 429,
      body: { code: 'too_many_turns' },
      headers: { 'retry-after': '30', 'x-should-retry': 'true' },
    });
    expect((await ask({}, keyed('first'))).status).toBe(202);
    await clock.advanceBy(30_000);
    expect((await ask()).status).toBe(202);
  });
});
