import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MemoryEventLog } from '@turnledger/shared/adapters/memory';
import { encodedEvent, freshStream, ManualClock } from '@turnledger/shared/testing';
import { TurnFollower } from './turn-follower.ts';

let clock: ManualClock;
let log: MemoryEventLog;
let follower: TurnFollower;
let ending: AbortController;
let following: Promise<void>;

beforeEach(() => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  follower = new TurnFollower(log);
  ending = new AbortController();
  following = follower.follow(ending.signal);
});
afterEach(async () => {
  ending.abort();
  await following;
});

const say = (type: string, turnId: string) =>
  log.append(freshStream(), 'no_stream', [encodedEvent({ type, data: JSON.stringify({ turnId }) })]);

test('a turn is open from its request to its ending, by the time of the log', async () => {
  const startMs = clock.nowMs();
  await say('TurnRequested', 'one');
  await clock.advanceBy(100);
  await say('TurnRequested', 'two');
  await clock.advanceBy(100);
  await say('TurnCompleted', 'one');
  expect(await follower.openAt(startMs - 1)).toEqual([]);
  expect(await follower.openAt(startMs + 50)).toEqual(['one']);
  expect(await follower.openAt(startMs + 150)).toEqual(['one', 'two']);
  expect(await follower.openAt(startMs + 200)).toEqual(['two']);
});

test('tells when the last of them ended', async () => {
  const startMs = clock.nowMs();
  await say('TurnRequested', 'one');
  await say('TurnRequested', 'two');
  const ended = follower.untilEnded(['one', 'two'], ending.signal);
  await clock.advanceBy(30);
  await say('TurnFailed', 'one');
  await clock.advanceBy(40);
  await say('TurnTimedOut', 'two');
  expect(await ended).toBe(startMs + 70);
});

test('does not wait for ever: it tells nothing of a turn that is open when the signal aborts', async () => {
  await say('TurnRequested', 'one');
  const ended = follower.untilEnded(['one'], AbortSignal.timeout(50));
  expect(await ended).toBeUndefined();
});

test('says when so many are open', async () => {
  const open = follower.untilOpen(2, ending.signal).then(() => 'two are open');
  await say('TurnRequested', 'one');
  await say('TurnRequested', 'two');
  expect(await open).toBe('two are open');
});
