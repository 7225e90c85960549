import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TurnMessage, TurnQueue } from '../ports/index.ts';
import type { Arrivals } from './arrivals.ts';
import { HeldConsumer } from './held-consumer.ts';

/** A queue with nothing in it. */
export interface QueueUnderTest {
  readonly queue: TurnQueue;
  /** What handlers threw, as the adapter reported it. */
  readonly errors: Arrivals<unknown>;
  close(): Promise<void>;
}

const message = (kind: TurnMessage['kind'], sessionId: string, turnId: string): TurnMessage => ({
  kind,
  sessionId,
  turnId,
  requestedAtMs: 1_767_225_600_000,
  deadlineMs: 30_000,
  correlationId: `correlation-of-${turnId}`,
});
const requested = (sessionId: string, turnId: string) => message('requested', sessionId, turnId);
const ended = (sessionId: string, turnId: string) => message('ended', sessionId, turnId);

/** The rules of the TurnQueue port, for every adapter; duplicates are allowed, so no case counts deliveries. */
export function turnQueueContract(adapter: string, open: () => Promise<QueueUnderTest>): void {
  describe(`TurnQueue: ${adapter}`, () => {
    let opened: QueueUnderTest;
    const consumers: HeldConsumer[] = [];
    const consume = (concurrency: number): HeldConsumer => {
      const consumer = new HeldConsumer(opened.queue, concurrency);
      consumers.push(consumer);
      return consumer;
    };

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => {
      for (const consumer of consumers.splice(0)) {
        consumer.releaseAll();
        await consumer.stop();
      }
      await opened.close();
    });

    test('hands a message over as it was enqueued', async () => {
      const consumer = consume(1);
      await opened.queue.enqueue([requested('s1', 'a')]);
      await consumer.started.until(1);
      expect(consumer.messages).toEqual([requested('s1', 'a')]);
    });

    test('hands over what was enqueued before anyone consumed', async () => {
      await opened.queue.enqueue([requested('s1', 'a'), requested('s2', 'b')]);
      const consumer = consume(2);
      expect([...(await consumer.started.until(2))].sort()).toEqual(['a', 'b']);
    });

    test('handles one message of a session at a time, in order', async () => {
      const consumer = consume(4);
      await opened.queue.enqueue([requested('s1', 'a'), requested('s1', 'b'), requested('s1', 'c')]);
      expect(await consumer.started.until(1)).toEqual(['a']);
      consumer.release('a');
      expect(await consumer.started.until(2)).toEqual(['a', 'b']);
      consumer.release('b');
      expect(await consumer.started.until(3)).toEqual(['a', 'b', 'c']);
      expect(consumer.mostRunning).toBe(1);
    });

    test('a session whose turn takes long holds up no other session', async () => {
      const consumer = consume(2);
      await opened.queue.enqueue([requested('s1', 'a'), requested('s1', 'b'), requested('s2', 'c')]);
      expect([...(await consumer.started.until(2))].sort()).toEqual(['a', 'c']);
      consumer.release('c');
      await opened.queue.enqueue([requested('s2', 'd')]);
      expect((await consumer.started.until(3)).at(-1)).toBe('d');
    });

    test('handles no more than `concurrency` at once', async () => {
      const consumer = consume(2);
      await opened.queue.enqueue(['a', 'b', 'c', 'd', 'e'].map((turnId) => requested(`session of ${turnId}`, turnId)));
      for (let count = 2; count <= 5; count += 1) {
        const started = await consumer.started.until(count);
        consumer.release(started.at(-1) ?? '');
      }
      expect(consumer.mostRunning).toBe(2);
    });

    test('an ending does not wait behind a running turn', async () => {
      const consumer = consume(1);
      await opened.queue.enqueue([requested('s1', 'a')]);
      await consumer.started.until(1);
      await opened.queue.enqueue([ended('s1', 'a')]);
      expect(await consumer.ended.until(1)).toEqual(['a']);
    });

    test('the ending of a running turn frees its lane though its handler has not returned', async () => {
      const consumer = consume(2);
      await opened.queue.enqueue([requested('s1', 'a'), requested('s1', 'b')]);
      await consumer.started.until(1);
      await opened.queue.enqueue([ended('s1', 'a')]);
      expect(await consumer.started.until(2)).toEqual(['a', 'b']);
    });

    test('a handler that returns after its lane was freed does not free it again', async () => {
      const consumer = consume(3);
      await opened.queue.enqueue([requested('s1', 'a'), requested('s1', 'b'), requested('s1', 'c')]);
      await consumer.started.until(1);
      await opened.queue.enqueue([ended('s1', 'a')]);
      await consumer.started.until(2);
      consumer.release('a');
      await opened.queue.enqueue([requested('s2', 'd')]);
      expect(await consumer.started.until(3)).toEqual(['a', 'b', 'd']);
    });

    test('the ending of another turn leaves the lane held', async () => {
      const consumer = consume(3);
      await opened.queue.enqueue([requested('s1', 'a'), requested('s1', 'b')]);
      await consumer.started.until(1);
      await opened.queue.enqueue([ended('s1', 'of an earlier turn'), requested('s2', 'c')]);
      expect(await consumer.started.until(2)).toEqual(['a', 'c']);
    });

    test('a hung handler keeps its slot: lanes freed by endings do not go over `concurrency`', async () => {
      const consumer = consume(1);
      await opened.queue.enqueue([requested('s1', 'a'), requested('s1', 'b')]);
      await consumer.started.until(1);
      await opened.queue.enqueue([ended('s1', 'a')]);
      await consumer.ended.until(1);
      expect(consumer.started.all).toEqual(['a']);
      consumer.release('a');
      expect(await consumer.started.until(2)).toEqual(['a', 'b']);
    });

    test('a handler that throws is reported and the lane goes on', async () => {
      const consumer = consume(1);
      const failure = new TypeError('a handler broke');
      await opened.queue.enqueue([requested('s1', 'a'), requested('s1', 'b')]);
      await consumer.started.until(1);
      consumer.fail('a', failure);
      expect(await opened.errors.until(1)).toEqual([failure]);
      expect((await consumer.started.until(2)).at(-1)).toBe('b');
    });

    test('after the abort nothing more is taken, and `consume` waits for what runs', async () => {
      const consumer = consume(1);
      await opened.queue.enqueue([requested('s1', 'a'), requested('s2', 'b')]);
      await consumer.started.until(1);
      const order: string[] = [];
      const stopped = consumer.stop().then(() => order.push('stopped'));
      await opened.queue.enqueue([ended('s1', 'a')]);
      await consumer.ended.until(1);
      order.push('released');
      consumer.releaseAll();
      await stopped;
      expect(order).toEqual(['released', 'stopped']);
      expect(consumer.started.all).toHaveLength(1);
    });

    test('what waited at the abort goes to the next consumer', async () => {
      const first = consume(1);
      await opened.queue.enqueue([requested('s1', 'a'), requested('s1', 'b')]);
      await first.started.until(1);
      const stopped = first.stop();
      first.releaseAll();
      await stopped;
      const second = consume(1);
      second.releaseAll();
      while (!second.started.all.includes('b')) await second.started.until(second.started.all.length + 1);
      expect(second.started.all).toContain('b');
    });

    test('a signal that has aborted already starts nothing', async () => {
      await opened.queue.enqueue([requested('s1', 'a')]);
      const started: string[] = [];
      const onRequested = async ({ turnId }: TurnMessage) => void started.push(turnId);
      await opened.queue.consume({ concurrency: 1, onRequested, onEnded: () => {}, signal: AbortSignal.abort() });
      expect(started).toEqual([]);
    });
  });
}
