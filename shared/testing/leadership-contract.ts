import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TurnledgerError } from '../contracts/index.ts';
import type { Clock, Leadership } from '../ports/index.ts';

/** An election to test; each `open` gives a candidate of it, as another process would be. */
export interface LeadershipHarness {
  open(options: {
    readonly clock: Clock;
    readonly report: (name: string, error: unknown) => void;
  }): Promise<Leadership>;
  close(): Promise<void>;
}

/** A clock whose sleeps pass 50 times as fast, so that a retry after a second costs a test 20 ms. */
export const hurried = (clock: Clock): Clock => ({ ...clock, sleep: (ms, signal) => clock.sleep(ms / 50, signal) });

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** Work that tells when it began and stays until it must go. */
export function heldWork() {
  const terms: AbortSignal[] = [];
  let tell: () => void = () => undefined;
  const began = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const work = async (signal: AbortSignal) => {
    terms.push(signal);
    tell();
    await aborted(signal);
  };
  return { work, began, terms };
}

/** What every Leadership holds. */
export function describeLeadership(name: string, clock: Clock, makeHarness: () => Promise<LeadershipHarness>): void {
  describe(`${name} as Leadership`, () => {
    let harness: LeadershipHarness;
    let reported: unknown[];
    let stop: AbortController;
    let leading: Promise<void>[];

    beforeEach(async () => {
      harness = await makeHarness();
      reported = [];
      stop = new AbortController();
      leading = [];
    });

    afterEach(async () => {
      stop.abort();
      await Promise.all(leading);
      await harness.close();
    });

    const open = () => harness.open({ clock: hurried(clock), report: (_name, error) => reported.push(error) });

    /** Starts a candidate that also ends with the test. */
    const lead = async (on: string, work: (signal: AbortSignal) => Promise<void>, own = new AbortController()) => {
      const candidate = await open();
      const end = () => own.abort();
      stop.signal.addEventListener('abort', end);
      const ended = candidate.lead(on, work, own.signal);
      leading.push(ended);
      return { own, ended };
    };

    test('the only candidate leads, and its lead ends with its signal', async () => {
      const held = heldWork();
      const { own, ended } = await lead('relay', held.work);
      await held.began;
      expect(held.terms[0]?.aborted).toBe(false);
      own.abort();
      await ended;
      expect(held.terms.map((signal) => signal.aborted)).toEqual([true]);
    });

    test('of five candidates one leads at a time, and each in its turn', async () => {
      let running = 0;
      let most = 0;
      const turns = Array.from({ length: 5 }, () => {
        const own = new AbortController();
        const work = async () => {
          running += 1;
          most = Math.max(most, running);
          await clock.sleep(5);
          running -= 1;
          own.abort();
        };
        return lead('relay', work, own);
      });
      const candidates = await Promise.all(turns);
      await Promise.all(candidates.map(({ ended }) => ended));
      expect(most).toBe(1);
    });

    test('a name is handed over only after the work has returned', async () => {
      const order: string[] = [];
      const second = heldWork();
      const first = heldWork();
      const { own } = await lead('relay', async (signal) => {
        await first.work(signal);
        await clock.sleep(60);
        order.push('first returned');
      });
      await first.began;
      await lead('relay', async (signal) => {
        order.push('second began');
        await second.work(signal);
      });
      own.abort();
      await second.began;
      expect(order).toEqual(['first returned', 'second began']);
    });

    test('two names are led side by side', async () => {
      const relay = heldWork();
      const expiry = heldWork();
      await lead('relay', relay.work);
      await lead('expiry', expiry.work);
      await Promise.all([relay.began, expiry.began]);
      expect([relay.terms.length, expiry.terms.length]).toEqual([1, 1]);
    });

    test('a candidate that stops waiting never leads', async () => {
      const first = heldWork();
      const second = heldWork();
      const third = heldWork();
      const leader = await lead('relay', first.work);
      await first.began;
      const waiting = await lead('relay', second.work);
      await lead('relay', third.work);
      waiting.own.abort();
      await waiting.ended;
      leader.own.abort();
      await third.began;
      expect(second.terms).toEqual([]);
    });

    test('an aborted signal leads nothing', async () => {
      const held = heldWork();
      const own = new AbortController();
      own.abort();
      const { ended } = await lead('relay', held.work, own);
      await ended;
      expect(held.terms).toEqual([]);
    });

    test('work that throws is reported and runs again', async () => {
      const held = heldWork();
      const failure = new TurnledgerError('invariant_broken');
      let calls = 0;
      await lead('relay', async (signal) => {
        calls += 1;
        if (calls < 3) throw failure;
        await held.work(signal);
      });
      await held.began;
      expect(reported).toEqual([failure, failure]);
    });

    test('work that cannot run keeps nobody else out', async () => {
      const held = heldWork();
      await lead('relay', async () => {
        throw new TurnledgerError('invariant_broken');
      });
      await lead('relay', held.work);
      await held.began;
      expect(held.terms).toHaveLength(1);
    });

    test('work that returns by itself runs again', async () => {
      const held = heldWork();
      let calls = 0;
      await lead('relay', async (signal) => {
        calls += 1;
        if (calls === 2) await held.work(signal);
      });
      await held.began;
      expect(reported).toEqual([]);
    });

    test('nothing stays on the caller’s signal', async () => {
      const held = heldWork();
      const own = new AbortController();
      const candidate = await open();
      const ended = candidate.lead('relay', held.work, own.signal);
      await held.began;
      own.abort();
      await ended;
      expect(getEventListeners(own.signal, 'abort')).toEqual([]);
    });
  });
}
