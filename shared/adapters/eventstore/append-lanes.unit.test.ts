import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import type { AppendOutcome } from '../../ports/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { AppendLanes } from './append-lanes.ts';

const ok: AppendOutcome = { outcome: 'ok', revision: 0 };

/** Sends that are answered when the test says so. */
class HeldSends {
  readonly sent = new Arrivals<string>();
  readonly timeouts: number[] = [];
  readonly #answers = new Map<string, (outcome: AppendOutcome) => void>();

  send = (name: string) => (timeoutMs: number) =>
    new Promise<AppendOutcome>((resolve) => {
      this.timeouts.push(timeoutMs);
      this.#answers.set(name, resolve);
      this.sent.add(name);
    });

  answer(name: string, outcome: AppendOutcome = ok): void {
    this.#answers.get(name)?.(outcome);
  }
}

describe('AppendLanes', () => {
  let lanes: AppendLanes;
  let sends: HeldSends;
  beforeEach(() => {
    lanes = new AppendLanes(() => performance.now());
    sends = new HeldSends();
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  const append = (name: string, stream = name, bytes = 1) => lanes.append(stream, bytes, sends.send(name));

  test('sends those of one stream one after the other, in order', async () => {
    const outcomes = Promise.all(['a', 'b', 'c'].map((name) => append(name, 'one')));
    for (const [count, name] of [
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ] as const) {
      expect((await sends.sent.until(count)).at(-1)).toBe(name);
      sends.answer(name);
    }
    expect(await outcomes).toEqual([ok, ok, ok]);
  });

  test('sends those of different streams at once, as many as the bound says', async () => {
    const names = Array.from({ length: limits.eventStore.maxAppendsInFlight + 1 }, (_, index) => `s${index}`);
    const outcomes = Promise.all(names.map((name) => append(name)));
    await sends.sent.until(limits.eventStore.maxAppendsInFlight);
    await new Promise(setImmediate);
    expect(sends.sent.all).toHaveLength(limits.eventStore.maxAppendsInFlight);
    sends.answer('s0');
    await sends.sent.until(names.length);
    for (const name of names) sends.answer(name);
    expect(await outcomes).toHaveLength(names.length);
  });

  test('gives a call less time than its caller has, so that it ends first', async () => {
    const outcome = append('a');
    await sends.sent.until(1);
    expect(sends.timeouts[0]).toBeLessThanOrEqual(limits.log.appendTimeoutMs - limits.eventStore.callMarginMs);
    sends.answer('a');
    await outcome;
  });

  test('answers unknown at the deadline, whether it was sent or not, and goes on with the next', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const [hanging, waiting] = [append('a', 'one'), append('b', 'one')];
    await sends.sent.until(1);
    jest.advanceTimersByTime(limits.log.appendTimeoutMs);
    expect(await hanging).toEqual({ outcome: 'unknown', cause: 'no answer within 5000 ms' });
    expect(await waiting).toMatchObject({ outcome: 'unknown', cause: expect.stringMatching(/^not sent/) });
    const later = append('c', 'one');
    expect(await sends.sent.until(2)).toEqual(['a', 'c']);
    sends.answer('a');
    sends.answer('c', { outcome: 'ok', revision: 9 });
    expect(await later).toEqual({ outcome: 'ok', revision: 9 });
  });

  test('answers unknown at once when too many wait, by number or by bytes', async () => {
    const tooLarge = limits.log.maxQueuedBytes + 1;
    expect(await append('x', 'x', tooLarge)).toMatchObject({ cause: expect.stringMatching(/^not sent: too many/) });
    const first = append('first', 'one');
    const rest = Array.from({ length: limits.log.maxQueuedAppends }, (_, index) => append(`r${index}`, 'one'));
    expect(await append('over', 'two')).toMatchObject({ cause: expect.stringMatching(/^not sent: too many/) });
    await sends.sent.until(1);
    const closed = lanes.close();
    sends.answer('first');
    expect(await first).toEqual(ok);
    expect((await Promise.all(rest)).every(({ outcome }) => outcome === 'unknown')).toBe(true);
    await closed;
  });

  test('when closed takes no more, and waits for what is sent', async () => {
    const sent = append('a', 'one');
    const waiting = append('b', 'one');
    await sends.sent.until(1);
    const order: string[] = [];
    const closed = lanes.close().then(() => order.push('closed'));
    expect(await waiting).toEqual({ outcome: 'unknown', cause: 'not sent: the log is closed' });
    expect(await append('c')).toEqual({ outcome: 'unknown', cause: 'not sent: the log is closed' });
    order.push('answered');
    sends.answer('a');
    expect(await sent).toEqual(ok);
    await closed;
    expect(order).toEqual(['answered', 'closed']);
  });
});
