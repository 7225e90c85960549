import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Arrivals } from '../../testing/arrivals.ts';
import { systemClock as clock, systemIds as ids } from '../system/index.ts';
import type { KafkaNotice } from './kafka-notice.ts';
import { type KafkaTurnQueue, openKafkaTurnQueue } from './open-kafka-turn-queue.ts';

/** A port of this machine that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

describe('the turn queue over Kafka, while there is no broker', () => {
  let queue: KafkaTurnQueue;
  let notices: Arrivals<KafkaNotice>;

  beforeEach(async () => {
    notices = new Arrivals();
    queue = openKafkaTurnQueue({
      connection: { brokers: [`127.0.0.1:${await closedPort()}`], clientId: 'turnledger-test' },
      topics: { prefix: 'test.', partitions: 1, replicationFactor: 1 },
      clock,
      ids,
      onError: () => {},
      report: (notice) => notices.add(notice),
      onStalled: () => {},
    });
  });
  afterEach(() => queue.close());

  test('waits for one and says so', async () => {
    while (!notices.all.some(({ kind }) => kind === 'unreachable')) await notices.until(notices.all.length + 1);
    expect(queue.status()).toMatchObject({ isOpen: false, isJoined: false, waiting: 0, lag: undefined });
  });

  test('`enqueue` waits too, and is told at a close that nothing was sent', async () => {
    const message = { kind: 'requested', sessionId: 's', turnId: 't', requestedAtMs: 0, deadlineMs: 1 } as const;
    const sent = expect(queue.enqueue([{ ...message, correlationId: '' }])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    await queue.close();
    await sent;
    await expect(queue.opened).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('a broker that accepts and says nothing does not keep whoever waits for the queue once it is closed', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const accepted = new Promise<Socket>((resolve) => silent.once('connection', resolve));
    const address = silent.address();
    const other = openKafkaTurnQueue({
      connection: {
        brokers: [`127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`],
        clientId: 'turnledger-test',
      },
      topics: { prefix: 'test.', partitions: 1, replicationFactor: 1 },
      clock,
      ids,
      onError: () => {},
      report: () => {},
      onStalled: () => {},
    });
    const socket = await accepted;
    const closed = other.close();
    await expect(other.opened).rejects.toMatchObject({ code: 'store_unavailable' });
    silent.close();
    socket.destroy();
    await closed;
  });

  test('a consumer ends when it is told to', async () => {
    const stop = new AbortController();
    const consumed = queue.consume({
      concurrency: 1,
      onRequested: async () => {},
      onEnded: () => {},
      signal: stop.signal,
    });
    stop.abort();
    await expect(consumed).resolves.toBeUndefined();
  });
});
