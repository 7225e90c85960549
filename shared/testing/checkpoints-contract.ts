import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Checkpoints } from '../ports/index.ts';

/** What every Checkpoints holds. */
export function describeCheckpoints(name: string, open: () => Checkpoints): void {
  describe(`${name} as Checkpoints`, () => {
    let checkpoints: Checkpoints;
    let loop: string;

    beforeEach(() => {
      checkpoints = open();
      loop = randomUUID();
    });

    test('a loop that has never moved stands at 0', async () => {
      expect(await checkpoints.position(loop)).toBe(0n);
    });

    test('a move is seen by whoever asks next', async () => {
      expect(await checkpoints.move(loop, { from: 0n, to: 7n })).toBe('ok');
      expect(await checkpoints.position(loop)).toBe(7n);
    });

    test('holds a position beyond 2^53', async () => {
      const far = 2n ** 62n + 1n;
      await checkpoints.move(loop, { from: 0n, to: far });
      expect(await checkpoints.position(loop)).toBe(far);
    });

    test('a move from where it does not stand is refused and changes nothing', async () => {
      await checkpoints.move(loop, { from: 0n, to: 7n });
      expect(await checkpoints.move(loop, { from: 0n, to: 9n })).toBe('moved');
      expect(await checkpoints.move(loop, { from: 6n, to: 9n })).toBe('moved');
      expect(await checkpoints.position(loop)).toBe(7n);
    });

    test('a first move from elsewhere than 0 is refused', async () => {
      expect(await checkpoints.move(loop, { from: 3n, to: 9n })).toBe('moved');
      expect(await checkpoints.position(loop)).toBe(0n);
    });

    test('may be set back', async () => {
      await checkpoints.move(loop, { from: 0n, to: 7n });
      expect(await checkpoints.move(loop, { from: 7n, to: 2n })).toBe('ok');
      expect(await checkpoints.position(loop)).toBe(2n);
    });

    test('of ten at once from one place, one moves it', async () => {
      const moves = Array.from({ length: 10 }, (_, to) => checkpoints.move(loop, { from: 0n, to: BigInt(to + 1) }));
      const outcomes = await Promise.all(moves);
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
      expect(await checkpoints.position(loop)).toBe(BigInt(outcomes.indexOf('ok') + 1));
    });

    test('loops do not know each other', async () => {
      await checkpoints.move(loop, { from: 0n, to: 7n });
      expect(await checkpoints.position(`${loop}-other`)).toBe(0n);
    });
  });
}
