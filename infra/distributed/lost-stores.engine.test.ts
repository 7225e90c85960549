import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openRedis } from '@turnledger/shared/adapters/redis';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { chaosScenarios, openSession, playAsClient } from '../chaos/chaos-client.ts';
import { killPostgres } from '../chaos/kill-postgres.ts';
import { randomSource } from '../chaos/random-source.ts';
import { SessionUnderFire } from '../chaos/session-under-fire.ts';
import { httpCalls } from '../embedded/testing/http-calls.ts';
import type { Engine } from '../engines/engine.ts';
import { startEngine } from '../engines/start-engine.ts';
import { type JudgedSystem, startJudgedSystem } from './testing/judged-system.ts';
import { playSessions } from './testing/play-sessions.ts';

let system: JudgedSystem;
/** Those that came back in the place of a killed one. */
const restarted: Engine[] = [];

beforeAll(async () => {
  system = await startJudgedSystem();
});
afterAll(async () => {
  await system.close();
  for (const engine of restarted) await engine.stop();
});

const storeOf = (variable: string) => {
  const store = system.running.stores.find((one) => one.variable === variable);
  if (store?.engine === undefined) throw new TurnledgerError('engine_missing', { detail: variable });
  return { url: store.url, engine: store.engine };
};

/** Plays as the chaos clients do, streams and cancels included, for as long as something happens to a store; then a little longer. */
async function playingWhile(tag: string, clients: number, happens: () => Promise<void>): Promise<void> {
  const enough = new AbortController();
  const { recorder, running } = system;
  const players = Array.from({ length: clients }, (_, index) => {
    const name = `${tag}-${index + 1}`;
    const random = randomSource(20_261_124).fork(name);
    return playAsClient({ name, recorder, random, address: async () => running.url, signal: enough.signal });
  });
  const playing = Promise.all(players);
  // A client that breaks is heard of at once.
  try {
    await Promise.race([happens(), playing]);
    await sleep(1_500);
  } finally {
    system.eventStore.faults.heal();
    enough.abort();
    await playing;
  }
}

/** A session, and what is asked in it. */
async function openWarm(name: string) {
  const { recorder, clients } = system;
  const [{ scenarioId }] = chaosScenarios;
  const sessionId = await openSession({ name, recorder }, clients.once, { scenarioId, key: name });
  const session = new SessionUnderFire({ name, recorder, sessionId, ...clients });
  const next = (turn: number) => ({ key: `${name}-turn-${turn}`, input: `${name}-turn-${turn}: is anybody there?` });
  return { session, next };
}

/** How those of them ended that have. */
const endsOfProcesses = async (): Promise<readonly string[]> => {
  const ends = system.running.processes.map(({ name, ended }) => ended.then((how) => `${name}: ${how}`));
  const none = Promise.resolve('');
  const told = await Promise.all(ends.map((end) => Promise.race([end, none])));
  return told.filter((how) => how !== '');
};

test('Redis emptied fifty times under load: every turn ends, and nothing is doubled', async () => {
  const log = { info: () => {}, warn: () => {} };
  const redis = await openRedis({ url: storeOf('REDIS_URL').url, clock, log });
  await playingWhile('redis', 12, async () => {
    for (let flushes = 0; flushes < 50; flushes += 1) {
      await redis.commands.flushall();
      await sleep(100);
    }
  });
  await redis.close();
  expect(await system.judge()).toEqual([]);
  expect(await endsOfProcesses()).toEqual([]);
}, 60_000);

test('Redis frozen for 5 s under load: it costs time, and nothing else', async () => {
  const { pid } = storeOf('REDIS_URL').engine;
  await playingWhile('frozen', 8, async () => {
    await sleep(500);
    process.kill(pid, 'SIGSTOP');
    await sleep(5_000);
    process.kill(pid, 'SIGCONT');
  });
  expect(await system.judge()).toEqual([]);
  expect(await endsOfProcesses()).toEqual([]);
}, 60_000);

test('an event store that takes 300 ms for everything slows turns down, and breaks none', async () => {
  await playingWhile('slow', 8, async () => {
    system.eventStore.faults.set({ kind: 'slow', delayMs: 300 });
    await sleep(6_000);
    system.eventStore.faults.heal();
  });
  expect(await system.judge()).toEqual([]);
  expect(await endsOfProcesses()).toEqual([]);
}, 60_000);

test('the event store silent for 20 s: clients hear 503 outcome_unknown within 6 s, and nothing is doubled afterwards', async () => {
  const { eventStore, running } = system;
  const warm = await Promise.all(['warm-1', 'warm-2', 'warm-3', 'warm-4'].map(openWarm));
  const { post } = httpCalls(running.url);
  const heard: { readonly status: number; readonly ms: number }[] = [];
  const timed = async <Answer>(ask: () => Promise<Answer>) => {
    const startedMs = performance.now();
    return { answer: await ask(), ms: performance.now() - startedMs };
  };
  await playingWhile('silent', 6, async () => {
    await sleep(1_000);
    await Promise.all(warm.map(({ session, next }) => session.finish(next(1))));
    eventStore.faults.set({ kind: 'silent' });
    const healsAtMs = performance.now() + 20_000;
    // Whatever is known of these sessions is in memory: the append itself goes unanswered.
    const asked = await Promise.all(warm.map(({ session, next }) => timed(() => session.ask(next(2)))));
    for (const { answer, ms } of asked) {
      expect(answer).toMatchObject({ type: 'unknown', value: { code: 'outcome_unknown' } });
      expect(ms).toBeLessThan(6_000);
    }
    // A session that must be looked for first is not even begun, and says so.
    while (performance.now() < healsAtMs - 6_000) {
      const { answer, ms } = await timed(() => post('/v1/sessions', { player_id: 'silent-asker' }));
      heard.push({ status: answer.status, ms });
    }
    await sleep(healsAtMs - performance.now());
    eventStore.faults.heal();
    await Promise.all(warm.map(({ session, next }) => session.finish(next(2))));
  });
  expect(heard.length).toBeGreaterThan(0);
  for (const { status, ms } of heard) expect({ status, isInTime: ms < 6_000 }).toEqual({ status: 503, isInTime: true });
  expect(await system.judge()).toEqual([]);
  expect(await endsOfProcesses()).toEqual([]);
}, 90_000);

test('PostgreSQL killed and back: the processes recover, and the views equal a rebuild', async () => {
  const { engine } = storeOf('DATABASE_URL');
  const folder = join(system.folder, 'postgres');
  await playingWhile('postgres', 12, async () => {
    await sleep(1_000);
    system.noteFault();
    await killPostgres(folder);
    await engine.ended;
    await sleep(3_000);
    restarted.push(await startEngine('postgres', { folder }));
    system.noteFault();
  });
  await playSessions(system, { tag: 'postgres-after', sessions: 4, turns: 2, atOnce: 4 });
  expect(await system.judge()).toEqual([]);
  expect(await endsOfProcesses()).toEqual([]);
}, 90_000);

test('Kafka killed for 30 s: commands are accepted meanwhile, and every turn ends afterwards or timed out honestly', async () => {
  const { engine, url } = storeOf('KAFKA_BROKERS');
  const { recorder, clients, running } = system;
  await clients.steady.configureModel({
    scenarioId: 'lost-stores.patient',
    persona: { name: 'Marta Reis', instructions: 'You keep the harbour ledger.' },
    deadlines: { firstTokenMs: 60_000, totalMs: 90_000 },
  });
  await clients.steady.configureModel({
    scenarioId: 'lost-stores.hasty',
    persona: { name: 'Marta Reis', instructions: 'You keep the harbour ledger.' },
    deadlines: { firstTokenMs: 8_000, totalMs: 8_000 },
  });
  process.kill(engine.pid, 'SIGKILL');
  await engine.ended;
  const backAtMs = performance.now() + 30_000;
  const open: {
    readonly session: SessionUnderFire;
    readonly wanted: { readonly key: string; readonly input: string };
  }[] = [];
  for (let number = 1; performance.now() < backAtMs; number += 1) {
    const name = `kafka-${number}`;
    const scenarioId = number % 3 === 0 ? 'lost-stores.hasty' : 'lost-stores.patient';
    const sessionId = await openSession({ name, recorder }, clients.once, { scenarioId, key: name });
    const session = new SessionUnderFire({ name, recorder, sessionId, ...clients });
    const wanted = { key: `${name}-turn`, input: `${name}: is anybody there?` };
    await session.askAndCancel(wanted, true);
    open.push({ session, wanted });
    await sleep(500);
  }
  const { history } = recorder;
  const accepted = history.filter(
    ({ op, process, type }) => op === 'turn' && process.startsWith('kafka-') && type === 'ok',
  );
  expect(accepted).toHaveLength(open.length);
  expect(accepted.every(({ value }) => value.status === 'requested')).toBe(true);
  restarted.push(await startEngine('kafka', { folder: join(system.folder, 'kafka'), port: Number(url.split(':')[1]) }));
  await Promise.all(open.map(({ session, wanted }) => session.finish(wanted)));
  expect(await system.judge()).toEqual([]);
  const { log } = await system.gather();
  const timedOut = log.flatMap(({ opened }) => (opened?.type === 'TurnTimedOut' ? [opened.data.turnId] : []));
  expect(timedOut.length).toBeGreaterThan(0);
  expect(await endsOfProcesses()).toEqual([]);
  expect(running.processes).toHaveLength(5);
}, 120_000);
