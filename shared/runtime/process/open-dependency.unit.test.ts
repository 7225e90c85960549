import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { silentLog } from '../log.ts';
import { createHopBoard, type HopBoard } from './hop-board.ts';
import { type Dependency, openDependency, untilDone } from './open-dependency.ts';

const { minOpenRetryMs, maxOpenRetryMs, probeMs, probeTimeoutMs, waitingLogMs } = limits.process;

let clock: ManualClock;
let board: HopBoard;
let ending: AbortController;
let said: string[];
let opens: number;
/** What an open, or a probe, comes to. */
let state: 'there' | 'away' | 'refused' | 'silent';

beforeEach(() => {
  clock = new ManualClock();
  board = createHopBoard(clock, []);
  ending = new AbortController();
  [said, opens, state] = [[], 0, 'there'];
});

afterEach(() => {
  ending.abort();
  expect(clock.sleeping).toBe(0);
});

const ports = () => {
  const log = { ...silentLog, warn: (_facts: object, sentence: string) => void said.push(sentence) };
  return { clock, board, log, ending: ending.signal };
};
const answer = async () => {
  if (state === 'away') throw new TurnledgerError('store_unavailable', { cause: new TypeError('ECONNREFUSED') });
  if (state === 'refused') throw new TurnledgerError('config_invalid', { detail: 'wrong password' });
  if (state === 'silent') await new Promise(() => {});
  return 'opened';
};
const store = (more: Partial<Dependency<string>> = {}): Dependency<string> => ({
  name: 'store',
  open: () => {
    opens += 1;
    return answer();
  },
  probe: answer,
  ...more,
});
const hop = () => board.hops()[0];
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a dependency', () => {
  test('that is there is ready at once', async () => {
    expect(await openDependency(ports(), store())).toBe('opened');
    expect(hop()).toMatchObject({ name: 'store', isReady: true });
    expect(said).toEqual([]);
  });

  test('that is absent is waited for, red and with a line now and then', async () => {
    state = 'away';
    const opening = openDependency(ports(), store());
    await tick();
    await clock.advanceBy(2 * waitingLogMs);
    expect(hop()).toMatchObject({ name: 'store', isReady: false });
    expect(said).toEqual(['waiting for store', 'waiting for store']);
    // Not as often as it can, and not as seldom as a person would: within two seconds of its coming.
    const before = opens;
    await clock.advanceBy(10 * maxOpenRetryMs);
    expect(opens - before).toBe(10);
    state = 'there';
    await clock.advanceBy(maxOpenRetryMs);
    expect(await opening).toBe('opened');
    expect(hop()).toMatchObject({ isReady: true });
  });

  test('that refuses for good is not asked twice', async () => {
    state = 'refused';
    await expect(openDependency(ports(), store())).rejects.toMatchObject({ code: 'config_invalid' });
    expect(opens).toBe(1);
  });

  test('is waited for no longer than the process lives', async () => {
    state = 'away';
    const opening = openDependency(ports(), store());
    const refused = expect(opening).rejects.toMatchObject({ code: 'store_unavailable' });
    await tick();
    await clock.advanceBy(minOpenRetryMs);
    ending.abort();
    await refused;
  });

  test.each(['away', 'silent'] as const)(
    'that is %s later is red until it answers again, one line each',
    async (how) => {
      await openDependency(ports(), store());
      state = how;
      await clock.advanceBy(probeMs + probeTimeoutMs);
      expect(hop()).toMatchObject({ isReady: false });
      await clock.advanceBy(waitingLogMs / 2);
      expect(said).toEqual(['store does not answer']);
      state = 'there';
      await clock.advanceBy(probeMs + probeTimeoutMs);
      expect(hop()).toMatchObject({ isReady: true });
      expect(said).toEqual(['store does not answer', 'store answers again']);
    },
  );

  test('that costs speed alone counts until it is open, and from then on is named and no more', async () => {
    state = 'away';
    const opening = openDependency(ports(), store({ isHint: true }));
    expect(hop()).not.toHaveProperty('isHint');
    await tick();
    state = 'there';
    await clock.advanceBy(maxOpenRetryMs);
    await opening;
    state = 'away';
    await clock.advanceBy(probeMs);
    expect(hop()).toMatchObject({ isReady: false, isHint: true });
  });
});

test('a task is a hop until it is done', async () => {
  state = 'away';
  const doing = untilDone(ports(), 'task', answer);
  expect(hop()).toMatchObject({ name: 'task', isReady: false });
  await tick();
  state = 'there';
  await clock.advanceBy(minOpenRetryMs);
  expect(await doing).toBe('opened');
  expect(hop()).toMatchObject({ name: 'task', isReady: true });
});
