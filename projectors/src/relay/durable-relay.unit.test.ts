import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  openMemoryCheckpoints,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { Checkpoints, ParkedEvent, TurnMessage, TurnQueue } from '@turnledger/shared/ports';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  Arrivals,
  advanceUntil,
  answerSample,
  encodedEvent,
  freshStream,
  ManualClock,
  type PlayedPorts,
  publishSample,
  requestSample,
  startSample,
} from '@turnledger/shared/testing';
import { runProjector } from '../run-projector.ts';
import { durableRelay } from './relay.ts';

let clock: ManualClock;
let log: MemoryEventLog;
let played: PlayedPorts;
let checkpoints: Checkpoints;
let parked: ParkedEvent[];
/** What the queue was given, acknowledged or not. */
let given: Arrivals<TurnMessage>;
/** What becomes of the next calls; none left: acknowledged. */
let faults: ('refused' | 'silent')[];

beforeEach(async () => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  played = { ledger: openLedger({ log, vault, clock, ids }), vault, log, ids };
  checkpoints = openMemoryCheckpoints();
  [parked, given, faults] = [[], new Arrivals<TurnMessage>(), []];
  await publishSample(played);
});

const queue: TurnQueue = {
  async enqueue(messages) {
    for (const message of messages) given.add(message);
    const fault = faults.shift();
    if (fault === 'refused') throw new TurnledgerError('store_unavailable');
    if (fault === 'silent') await new Promise(() => {});
  },
  consume: async () => {},
  depth: () => 0,
};

/** A relay that goes on from the checkpoint, as a process does that takes the lead. */
function relay() {
  const stop = new AbortController();
  const caughtUp = new Arrivals<bigint>();
  const parking = { park: async (events: readonly ParkedEvent[]) => void parked.push(...events) };
  const projector = durableRelay({ queue, checkpoints, parked: parking, log: silentLog });
  const noted = { ...projector, onCaughtUp: (position: bigint) => caughtUp.add(position) };
  const ended = runProjector({ log, clock, logger: silentLog }, noted, stop.signal);
  return {
    caughtUp,
    stop: () => {
      stop.abort();
      return ended;
    },
  };
}

async function relayAll(): Promise<void> {
  const running = relay();
  await running.caughtUp.until(1);
  await running.stop();
}

const openTurn = async (): Promise<TurnMessage> => requestSample(played, await startSample(played));

describe('the relay to a queue that lasts', () => {
  test('goes on where the queue has everything', async () => {
    const first = await openTurn();
    await relayAll();
    expect(await checkpoints.position('relay')).toBe(await log.headPosition());
    const second = await openTurn();
    await relayAll();
    expect(given.all).toMatchObject([{ turnId: first.turnId }, { turnId: second.turnId }]);
  });

  test('says which event each message tells of', async () => {
    await openTurn();
    await relayAll();
    expect(given.all[0]?.origin).toEqual({ eventId: expect.any(String), position: await log.headPosition() });
  });

  test('stays where it is while the queue does not acknowledge, and sends again', async () => {
    faults.push('refused');
    const message = await openTurn();
    const running = relay();
    await given.until(1);
    expect(await checkpoints.position('relay')).toBe(0n);
    await advanceUntil(clock, given.until(2), limits.projector.retryMs);
    await running.caughtUp.until(1);
    await running.stop();
    expect(given.all.map(({ turnId }) => turnId)).toEqual([message.turnId, message.turnId]);
    expect(await checkpoints.position('relay')).toBe(await log.headPosition());
  });

  test('that ends before the acknowledgement leaves it to the next to send again', async () => {
    faults.push('silent');
    const message = await openTurn();
    const running = relay();
    await given.until(1);
    await running.stop();
    expect(await checkpoints.position('relay')).toBe(0n);
    await relayAll();
    expect(given.all.map(({ turnId }) => turnId)).toEqual([message.turnId, message.turnId]);
  });

  test('that meets another one goes on where that one left the checkpoint, and leaves no gap', async () => {
    await openTurn();
    const slow = relay();
    await slow.caughtUp.until(1);
    // The other one has relayed the next turn before this one gets to it.
    const next = await openTurn();
    const between = await checkpoints.position('relay');
    await given.until(2);
    await slow.caughtUp.until(2);
    expect(await checkpoints.position('relay')).toBeGreaterThan(between);
    await checkpoints.move('relay', { from: await checkpoints.position('relay'), to: between });
    const last = await openTurn();
    await given.until(3);
    await advanceUntil(clock, given.until(5), limits.projector.retryMs);
    await slow.stop();
    expect(given.all.slice(2).map(({ turnId }) => turnId)).toEqual([last.turnId, next.turnId, last.turnId]);
  });

  test('does not write down its place for events that give the queue nothing', async () => {
    const message = await openTurn();
    await relayAll();
    const before = await checkpoints.position('relay');
    await publishSample(played, {}, 'cellar');
    await relayAll();
    expect(await checkpoints.position('relay')).toBe(before);
    await answerSample(played, message);
    await relayAll();
    expect(await checkpoints.position('relay')).toBe(await log.headPosition());
  });

  test('parks an event that it cannot read, with the reason, and its neighbours go on', async () => {
    const stream = freshStream();
    await log.append(stream, 'no_stream', [encodedEvent({ type: 'TurnRequested', data: '{"turnId":' })]);
    const message = await openTurn();
    await relayAll();
    expect(given.all).toMatchObject([{ turnId: message.turnId }]);
    expect(parked).toMatchObject([{ loop: 'relay', event: { stream, revision: 0 }, code: 'event_invalid' }]);
  });
});
