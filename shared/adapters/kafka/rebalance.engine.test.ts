import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TurnMessage } from '../../ports/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { type FreshTopics, freshTopics } from '../../testing/fresh-topics.ts';
import { HeldConsumer } from '../../testing/held-consumer.ts';
import { systemClock as clock, systemIds as ids } from '../system/index.ts';
import { type KafkaTurnQueue, openKafkaTurnQueue } from './open-kafka-turn-queue.ts';

const requested = (turnId: string): TurnMessage => ({
  kind: 'requested',
  sessionId: `session of ${turnId}`,
  turnId,
  requestedAtMs: 0,
  deadlineMs: 30_000,
  correlationId: '',
});
const turnIds = Array.from({ length: 24 }, (_, index) => `turn-${index}`);

/** A worker as a process of its own: prints each turn that it takes; those that do not end in 0 or 5 are done at once, the others never. */
const program = (brokers: readonly string[], prefix: string) => `
  import { openKafkaTurnQueue } from '${new URL('./index.ts', import.meta.url)}';
  import { systemClock as clock, systemIds as ids } from '${new URL('../system/index.ts', import.meta.url)}';
  process.stdin.on('end', () => process.exit()).resume();
  const queue = openKafkaTurnQueue({
    connection: { brokers: ${JSON.stringify(brokers)}, clientId: 'turnledger-test' },
    topics: { prefix: '${prefix}', partitions: 3, replicationFactor: 1 },
    clock, ids, onError() {}, report() {}, onStalled() {},
  });
  await queue.consume({
    concurrency: 64,
    onRequested: async ({ turnId }) => {
      console.log(turnId);
      if (/[05]$/.test(turnId)) await new Promise(() => {});
    },
    onEnded() {},
    signal: new AbortController().signal,
  });`;

async function startWorker(brokers: readonly string[], prefix: string) {
  const hooks = fileURLToPath(new URL('../../../infra/checks/typescript-hooks.js', import.meta.url));
  const flags = ['--conditions=turnledger-source', '--import', hooks, '--input-type=module'];
  const child = spawn(process.execPath, [...flags, '--eval', program(brokers, prefix)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const taken = new Arrivals<string>();
  createInterface(child.stdout).on('line', (line) => taken.add(line));
  const kill = async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { taken, kill };
}

describe('the turn queue over Kafka, when workers come and go', () => {
  let topics: FreshTopics;
  const open: { readonly queue: KafkaTurnQueue; readonly held: HeldConsumer }[] = [];

  const worker = async () => {
    const queue = openKafkaTurnQueue({
      connection: { brokers: topics.brokers, clientId: 'turnledger-test' },
      topics: { prefix: topics.prefix, partitions: 3, replicationFactor: 1 },
      clock,
      ids,
      onError: () => {},
      report: () => {},
      onStalled: () => {},
    });
    const one = { queue, held: new HeldConsumer(queue, 64) };
    open.push(one);
    await queue.opened;
    return one;
  };
  const until = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await isTrue())) await clock.sleep(10);
  };
  const joined = (...workers: typeof open) => until(() => workers.every(({ queue }) => queue.status().isJoined));
  const members = async () => {
    const { groups } = await topics.admin.describeGroups([topics.names.workers]);
    return groups[0]?.members.length ?? 0;
  };

  beforeEach(async () => {
    topics = await freshTopics();
  });
  afterEach(async () => {
    for (const { held } of open) held.releaseAll();
    await Promise.all(open.map(({ held }) => held.stop()));
    await Promise.all(open.splice(0).map(({ queue }) => queue.close()));
    await topics.drop();
  });

  test('what runs goes on at a sharing-out; only the turns that moved are told of again, and none of them here', async () => {
    const first = await worker();
    await first.queue.enqueue(turnIds.map(requested));
    await first.held.started.until(24);
    const second = await worker();
    await until(async () => (await members()) === 2);
    await joined(first, second);
    await second.held.started.until(1);
    await clock.sleep(500);
    // Three partitions by two workers: one or two have moved, and their turns wait for the claim to decide.
    expect(second.held.started.all.length).toBeLessThan(24);
    expect(new Set(second.held.started.all).size).toBe(second.held.started.all.length);
    expect(first.held.started.all).toHaveLength(24);
    expect(first.queue.status().running).toBe(24);
  });

  test('a partition that comes back while its turns still run starts none of them a second time', async () => {
    const first = await worker();
    await first.queue.enqueue(turnIds.map(requested));
    await first.held.started.until(24);
    const second = await worker();
    await second.held.started.until(1);
    second.held.releaseAll();
    await second.held.stop();
    await until(async () => (await members()) === 1);
    await joined(first);
    await clock.sleep(500);
    expect(first.held.started.all).toHaveLength(24);
    first.held.releaseAll();
    await until(async () => {
      const [topic] = await topics.admin.fetchOffsets({
        groupId: topics.names.workers,
        topics: [topics.names.requested],
      });
      const handled = topic?.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
      return handled === 24;
    });
  });

  test('what waits at a worker that leaves is taken by the other while the first still ends its turns', async () => {
    const first = await worker();
    await first.queue.enqueue([
      ...turnIds.map(requested),
      ...turnIds.map((id) => ({ ...requested(id), turnId: `${id}b` })),
    ]);
    await first.held.started.until(24);
    const second = await worker();
    await joined(first, second);
    void first.held.stop();
    second.held.releaseAll();
    await until(() => new Set(second.held.started.all).size === 48);
    expect(first.held.started.all).toHaveLength(24);
  });

  // The client's own stop does nothing to a consumer that is joining: it stayed a member, with its share, until the process ended.
  test('a worker that is stopped while it joins leaves no member behind', async () => {
    const first = await worker();
    await clock.sleep(60);
    await first.held.stop();
    await clock.sleep(500);
    expect(await members()).toBe(0);
  });

  test('after a kill only what was not done is told of again', async () => {
    const dead = await startWorker(topics.brokers, topics.prefix);
    const sender = await worker();
    await sender.held.stop();
    await sender.queue.enqueue(turnIds.map(requested));
    expect(new Set(await dead.taken.until(24))).toEqual(new Set(turnIds));
    // The mark is committed every 200 ms; what is killed before that comes again as well.
    await clock.sleep(1_000);
    await dead.kill();
    const next = await worker();
    const undone = turnIds.filter((id) => /[05]$/.test(id));
    await next.held.started.until(undone.length);
    await clock.sleep(500);
    expect(next.held.started.all.toSorted()).toEqual(undone.toSorted());
  });
});
