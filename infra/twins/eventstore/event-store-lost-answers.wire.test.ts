import { type AppendResult, EventStoreDBClient } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newEvent, PATHS, settles, startTwinAndClient, type TwinAndClient, UNARY } from './testing/twin-and-client.ts';

describe('an answer that the event-store twin keeps back', () => {
  let one: TwinAndClient;

  const append = (stream: string, options: object, event = newEvent()): Promise<AppendResult> =>
    one.client.appendToStream(stream, [event], options);

  beforeEach(async () => {
    one = await startTwinAndClient();
  });
  afterEach(() => one.close());

  describe('execute_and_timeout', () => {
    it.each(PATHS)(
      'writes what a $path append brings and never says so; a retry hears the original',
      async ({ options }) => {
        const event = newEvent();
        one.twin.faults.set({ kind: 'execute_and_timeout', times: 1, calls: 'append' });
        expect(await settles(append('s', { ...options, expectedRevision: 'no_stream' }, event))).toBe('open');
        expect(one.twin.faults.current).toBeUndefined();
        const again = await append('s', { ...options, expectedRevision: 'no_stream' }, event);
        expect(again.nextExpectedRevision).toBe(0n);
        expect(await one.idsIn('s')).toEqual([event.id]);
      },
    );
  });

  describe('kill_mid_batch', () => {
    it('answers some batched appends and cuts the connection: the others were written too, of every client', async () => {
      const other = EventStoreDBClient.connectionString(one.twin.url);
      await Promise.all([append('first', {}), other.appendToStream('first', [newEvent()])]);
      // Long enough for every append to reach it, also beside a whole test run.
      one.twin.faults.set({ kind: 'kill_mid_batch', answers: 3, graceMs: 2_000 });
      const streams = Array.from({ length: 8 }, (_, n) => `s-${n}`);
      const results = await Promise.allSettled(
        streams.map((stream, n) => (n % 2 === 0 ? one.client : other).appendToStream(stream, [newEvent()])),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
      for (const stream of streams) expect(await one.idsIn(stream)).toHaveLength(1);
      await other.dispose();
    });

    it('does the same to unary appends, and rules once', async () => {
      one.twin.faults.set({ kind: 'kill_mid_batch', answers: 0 });
      await expect(append('s', UNARY)).rejects.toBeDefined();
      expect(await one.idsIn('s')).toHaveLength(1);
      expect(one.twin.faults.current).toBeUndefined();
    });
  });

  it('for so many calls is not used up by the library’s question for features', async () => {
    one.twin.faults.set({ kind: 'execute_and_timeout', times: 1 });
    expect(await settles(append('s', {}))).toBe('open');
    expect(one.twin.events).toBe(1);
  });
});
