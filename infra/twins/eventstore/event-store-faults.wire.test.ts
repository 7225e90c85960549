import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AppendResult,
  DeadlineExceededError,
  END,
  NotLeaderError,
  TimeoutError,
  UnavailableError,
} from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startEventStoreTwin } from './event-store-twin.ts';
import {
  newEvent,
  PATHS,
  QUIET_MS,
  settles,
  startTwinAndClient,
  type TwinAndClient,
  UNARY,
} from './testing/twin-and-client.ts';

describe('a fault of the event-store twin', () => {
  let one: TwinAndClient;

  const append = (stream: string, options: object, event = newEvent()): Promise<AppendResult> =>
    one.client.appendToStream(stream, [event], options);
  const subscribe = async () => {
    const subscription = one.client.subscribeToAll({ fromPosition: END });
    const [errors, ids]: [unknown[], unknown[]] = [[], []];
    subscription.on('error', (error) => void errors.push(error));
    subscription.on('data', ({ event }) => void ids.push(event?.id));
    await once(subscription, 'caughtUp');
    return { subscription, errors, ids };
  };

  beforeEach(async () => {
    one = await startTwinAndClient();
  });
  afterEach(() => one.close());

  describe('silent', () => {
    it('is met by the deadline of a unary append, and nothing is written', async () => {
      one.twin.faults.set({ kind: 'silent' });
      await expect(append('s', { ...UNARY, deadline: 200 })).rejects.toBeInstanceOf(DeadlineExceededError);
      expect(one.twin.events).toBe(0);
    });

    it('is outlived by a batched append, whose deadline the library ignores', async () => {
      await append('s', {});
      one.twin.faults.set({ kind: 'silent' });
      expect(await settles(append('s', { deadline: 100 }))).toBe('open');
    });

    it('heals: what was ignored stays so, what comes is answered', async () => {
      one.twin.faults.set({ kind: 'silent' });
      const ignored = append('s', UNARY);
      expect(await settles(ignored)).toBe('open');
      one.twin.faults.heal();
      expect((await append('s', UNARY)).nextExpectedRevision).toBe(0n);
      expect(await settles(ignored)).toBe('open');
    });

    it('silences open subscriptions without ending them', async () => {
      const { subscription, errors, ids } = await subscribe();
      one.twin.faults.set({ kind: 'silent', calls: 'read' });
      await append('s', UNARY);
      await delay(QUIET_MS);
      expect([ids.length, errors.length]).toEqual([0, 0]);
      const received = once(subscription, 'data');
      one.twin.faults.heal();
      await received;
      expect(ids).toHaveLength(1);
    });

    it('leaves the health request without an answer', async () => {
      one.twin.faults.set({ kind: 'silent' });
      const health = fetch(`http://127.0.0.1:${one.twin.port}/health/live`, { signal: AbortSignal.timeout(QUIET_MS) });
      await expect(health).rejects.toThrow('timeout');
    });
  });

  describe('graceful_end', () => {
    it('ends open subscriptions without an error, and new ones once they are confirmed', async () => {
      const { subscription, errors } = await subscribe();
      const ended = once(subscription, 'end');
      one.twin.faults.set({ kind: 'graceful_end' });
      await ended;
      const next = one.client.subscribeToAll({ fromPosition: END }).resume();
      await once(next, 'end');
      expect(errors).toEqual([]);
    });
  });

  describe('consumer_too_slow', () => {
    it('ends open subscriptions with a timeout, once', async () => {
      const { subscription, errors } = await subscribe();
      const failed = new Promise((resolve) => subscription.once('error', resolve));
      one.twin.faults.set({ kind: 'consumer_too_slow' });
      await failed;
      expect(errors).toEqual([expect.any(TimeoutError)]);
      await subscribe();
    });
  });

  describe('unavailable', () => {
    it.each(PATHS)('refuses a $path append with code 14, and nothing is written', async ({ options }) => {
      one.twin.faults.set({ kind: 'unavailable' });
      await expect(append('s', options)).rejects.toMatchObject({ code: 14 });
      one.twin.faults.heal();
      expect((await append('s', options)).nextExpectedRevision).toBe(0n);
    });

    it('ends open subscriptions with one error and no end', async () => {
      const { subscription, errors } = await subscribe();
      let hasEnded = false;
      subscription.once('end', () => {
        hasEnded = true;
      });
      const failed = new Promise((resolve) => subscription.once('error', resolve));
      one.twin.faults.set({ kind: 'unavailable' });
      await failed;
      await delay(QUIET_MS);
      expect(errors).toEqual([expect.any(UnavailableError)]);
      expect(hasEnded).toBe(false);
    });
  });

  describe('not_leader', () => {
    it.each(PATHS)('names the leader to a $path append, whose client goes there', async ({ options }) => {
      const leader = await startEventStoreTwin();
      try {
        one.twin.faults.set({ kind: 'not_leader', host: '127.0.0.1', port: leader.port });
        const refused: unknown = await append('s', options).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(NotLeaderError);
        expect(refused).toMatchObject({ leader: { address: '127.0.0.1', port: leader.port } });
        await append('s', options);
        expect([one.twin.events, leader.events]).toEqual([0, 1]);
      } finally {
        await one.client.dispose();
        await leader.close();
      }
    });

    it('lets reads through that do not require the leader', async () => {
      await append('s', UNARY);
      one.twin.faults.set({ kind: 'not_leader', host: '127.0.0.1', port: 1 });
      expect(await one.idsIn('s')).toHaveLength(1);
    });
  });

  describe('slow', () => {
    it('delays an append by so much', async () => {
      await append('s', UNARY);
      one.twin.faults.set({ kind: 'slow', delayMs: 150 });
      const startedAtMs = performance.now();
      await append('s', UNARY);
      expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(149);
    });
  });

  it('for so many calls of one kind leaves the others alone and heals by itself', async () => {
    await append('s', UNARY);
    one.twin.faults.set({ kind: 'unavailable', calls: 'append', times: 1 });
    expect(await one.idsIn('s')).toHaveLength(1);
    await expect(append('s', UNARY)).rejects.toMatchObject({ code: 14 });
    expect((await append('s', UNARY)).nextExpectedRevision).toBe(1n);
    expect(one.twin.faults.hits).toBe(1);
  });

  it.each(['unavailable', 'silent'] as const)(
    '%s for appends alone leaves subscriptions and health as they are',
    async (kind) => {
      const open = await subscribe();
      one.twin.faults.set({ kind, calls: 'append' });
      const opened = await subscribe();
      expect((await fetch(`http://127.0.0.1:${one.twin.port}/health/live`)).status).toBe(204);
      expect([open.errors, opened.errors]).toEqual([[], []]);
    },
  );
});
