import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { WorkerLiveness } from '../ports/index.ts';

/** What every WorkerLiveness holds. */
export function describeWorkerLiveness(name: string, open: () => WorkerLiveness): void {
  describe(`${name} as WorkerLiveness`, () => {
    let liveness: WorkerLiveness;
    let worker: string;

    beforeEach(() => {
      liveness = open();
      worker = randomUUID();
    });

    const seen = async (who = worker) => (await liveness.beats()).get(who);

    test('a worker that has never beaten is not known', async () => {
      expect(await seen()).toBeUndefined();
    });

    test('a beat differs from the one before', async () => {
      await liveness.beat(worker);
      const first = await seen();
      await liveness.beat(worker);
      expect(first).toMatchObject({ hasEnded: false });
      expect((await seen())?.beat).not.toBe(first?.beat);
    });

    test('between beats it stays', async () => {
      await liveness.beat(worker);
      const first = await seen();
      await liveness.beat(randomUUID());
      expect(await seen()).toEqual(first);
    });

    test('one that has ended stays so, whatever still arrives of it', async () => {
      await liveness.beat(worker);
      await liveness.end(worker);
      await liveness.beat(worker);
      expect(await seen()).toMatchObject({ hasEnded: true });
    });

    test('one that ended before its first beat has ended', async () => {
      await liveness.end(worker);
      expect(await seen()).toMatchObject({ hasEnded: true });
    });

    test('shows all workers at one look', async () => {
      const others = [randomUUID(), randomUUID()];
      await Promise.all([worker, ...others].map((one) => liveness.beat(one)));
      expect([...(await liveness.beats()).keys()]).toEqual(expect.arrayContaining([worker, ...others]));
    });
  });
}
