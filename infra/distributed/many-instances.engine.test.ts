import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { metricSamples } from '@turnledger/shared/testing';
import { type JudgedSystem, startJudgedSystem } from './testing/judged-system.ts';
import { playSessions } from './testing/play-sessions.ts';

/** Some 10 s here; `TURNLEDGER_TEST_SESSIONS=200 TURNLEDGER_TEST_TURNS=10` is the full one, some 5 minutes. */
const sessions = Number(process.env.TURNLEDGER_TEST_SESSIONS ?? 24);
const turns = Number(process.env.TURNLEDGER_TEST_TURNS ?? 4);
const perTurnMs = 1_000;

let system: JudgedSystem;

beforeAll(async () => {
  system = await startJudgedSystem({
    instances: { 'command-api': 2, 'query-api': 2, 'inference-worker': 2, projectors: 2 },
    env: {
      REDIS_URL: process.env.TURNLEDGER_TEST_REDIS_URL,
      KAFKA_BROKERS: process.env.TURNLEDGER_TEST_KAFKA_BROKERS,
      TURNLEDGER_TOPIC_PREFIX: 'many-instances.',
    },
  });
});
afterAll(() => system.close());

const workersIn = async (): Promise<number> => {
  const { log } = await system.gather();
  return new Set(log.flatMap(({ opened }) => (opened?.type === 'TurnStarted' ? [opened.data.worker] : []))).size;
};

/** Waits until a worker has some turns in hand, of which nearly all are claimed; answers its name. */
async function busyWorker(): Promise<string> {
  const workers = system.running.processes.filter(({ service }) => service === 'inference-worker');
  for (let looks = 0; looks < 500; looks += 1) {
    for (const { name, url } of workers) {
      const running = metricSamples(await (await fetch(`${url}/metrics`)).text()).turnledger_running_turns ?? 0;
      if (running >= 4) return name;
    }
    await sleep(10);
  }
  throw new TurnledgerError('internal', { detail: 'no worker ever had four turns in hand' });
}

test(
  'two of each play many sessions, and no promise is broken',
  async () => {
    await playSessions(system, { tag: 'calm', sessions, turns, atOnce: 16 });
    expect(await system.judge()).toEqual([]);
    const { log } = await system.gather();
    expect(log.filter(({ type }) => type === 'TurnRequested')).toHaveLength(sessions * turns);
    // Both of them had work.
    expect(await workersIn()).toBe(2);
  },
  60_000 + sessions * turns * perTurnMs,
);

test(
  'one of each killed in the middle: the others go on, and no promise is broken',
  async () => {
    const victims = ['inference-worker', 'command-api', 'projectors', 'query-api'];
    const killed: Promise<void>[] = [];
    const total = sessions * turns;
    await playSessions(system, {
      tag: 'killed',
      sessions,
      turns,
      atOnce: 16,
      onTurn: (played) => {
        if (played < ((4 - victims.length + 1) * total) / 6) return;
        const victim = victims.shift();
        if (victim === 'inference-worker') killed.push(busyWorker().then(system.kill));
        else if (victim !== undefined) killed.push(system.kill(victim));
      },
    });
    await Promise.all(killed);
    expect(victims).toEqual([]);
    expect(await system.judge()).toEqual([]);
    const { log } = await system.gather();
    const failed = log.flatMap(({ opened }) => (opened?.type === 'TurnAttemptFailed' ? [opened.data.code] : []));
    // The dead worker had turns in hand, which the other took over.
    expect(failed).toContain('worker_lost');
  },
  90_000 + sessions * turns * perTurnMs,
);
