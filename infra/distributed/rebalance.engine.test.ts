import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { judge, type ModelCall } from '@turnledger/shared/testing/history-checker';
import { openSession } from '../chaos/chaos-client.ts';
import { modelCallOf } from '../chaos/chaos-model.ts';
import { SessionUnderFire } from '../chaos/session-under-fire.ts';
import { startModelTwin } from '../twins/model/index.ts';
import { type JudgedSystem, startJudgedSystem } from './testing/judged-system.ts';
import { endServices, startService } from './testing/started-service.ts';

const SCENARIO = 'rebalance.slow-speaker';
/** 26 words, one a second: the 25 s that a second worker has to come and go in. */
const LONG_SPEECH = Array.from({ length: 26 }, (_, index) => `word-${index}`).join(' ');

let system: JudgedSystem;
const calls: ModelCall[] = [];

beforeAll(async () => {
  const twin = await startModelTwin({ host: '127.0.0.1' });
  twin.plan((request, headers) => {
    const call = modelCallOf(request, headers);
    calls.push(call);
    return call.messages.at(-1)?.content.includes('slowly') ? { tokenDelayMs: 1_000, text: LONG_SPEECH } : {};
  });
  system = await startJudgedSystem({
    model: { url: twin.url, calls, close: () => twin.close() },
    env: {
      REDIS_URL: process.env.TURNLEDGER_TEST_REDIS_URL,
      KAFKA_BROKERS: process.env.TURNLEDGER_TEST_KAFKA_BROKERS,
      TURNLEDGER_TOPIC_PREFIX: 'distributed-rebalance.',
    },
  });
  await system.clients.steady.configureModel({
    scenarioId: SCENARIO,
    persona: { name: 'Marta Reis', instructions: 'You take your time.' },
    deadlines: { firstTokenMs: 20_000, totalMs: 90_000 },
  });
});
afterEach(endServices);
afterAll(() => system.close());

async function say(name: string, how: string): Promise<void> {
  const { recorder, clients } = system;
  const sessionId = await openSession({ name, recorder }, clients.once, { scenarioId: SCENARIO, key: name });
  const session = new SessionUnderFire({ name, recorder, sessionId, ...clients });
  await session.finish({ key: `${name}-turn`, input: `${name}: tell me ${how}.` });
}

async function untilReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/readyz`)).ok) await sleep(100);
}

test('a second worker that joins and leaves while turns of 25 s run makes no second model call', async () => {
  const slow = Array.from({ length: 8 }, (_, index) => say(`slow-${index + 1}`, 'slowly'));
  while (calls.length < slow.length) await sleep(50);
  const second = await startService('inference-worker', { ...system.environment, LOG_LEVEL: 'error' });
  await untilReady(second.url);
  // The group has been dealt anew: quick turns reach both, and the long ones stay where they are.
  await Promise.all(Array.from({ length: 16 }, (_, index) => say(`quick-${index + 1}`, 'quickly')));
  expect(await second.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  await Promise.all(Array.from({ length: 8 }, (_, index) => say(`late-${index + 1}`, 'quickly')));
  const runningStill = calls.length;
  await Promise.all(slow);
  expect(runningStill).toBe(8 + 16 + 8);
  expect(calls).toHaveLength(8 + 16 + 8);
  const evidence = await system.gather();
  expect(judge({ ...evidence, workersAtOnce: 2 })).toEqual([]);
  const workers = evidence.log.flatMap(({ opened }) => (opened?.type === 'TurnStarted' ? [opened.data.worker] : []));
  expect(new Set(workers).size).toBe(2);
  expect(evidence.log.filter(({ type }) => type === 'TurnCompleted')).toHaveLength(8 + 16 + 8);
}, 90_000);
