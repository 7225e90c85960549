import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnQueue,
  openMemoryKeyVault,
  openMemoryViewStore,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream, views } from '@turnledger/shared/contracts';
import { cancelTurn, startRerunSession } from '@turnledger/shared/domain';
import type { TurnMessage, TurnQueue } from '@turnledger/shared/ports';
import { type Log, openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  Arrivals,
  answerSample,
  encodedEvent,
  freshStream,
  ManualClock,
  type PlayedPorts,
  publishSample,
  requestSample,
  sampleIds,
  sampleRerunStart,
  sessionEventTypes,
  startSample,
} from '@turnledger/shared/testing';
import { runProjector } from '../run-projector.ts';
import { enqueueOpenTurns, relay } from './relay.ts';

let clock: ManualClock;
let log: MemoryEventLog;
let played: PlayedPorts;

/** A queue that keeps what it is given. */
function noting(): TurnQueue & { readonly given: Arrivals<TurnMessage> } {
  const given = new Arrivals<TurnMessage>();
  const enqueue = async (messages: readonly TurnMessage[]) => {
    for (const message of messages) given.add(message);
  };
  return { given, enqueue, consume: async () => {}, depth: () => 0 };
}

beforeEach(async () => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  played = { ledger: openLedger({ log, vault, clock, ids }), vault, log, ids };
  await publishSample(played);
});

/** Relays until nothing older is left. */
async function relayAll(queue: TurnQueue, after = 0n, logger: Log = silentLog): Promise<void> {
  const stop = new AbortController();
  const caughtUp = new Arrivals<bigint>();
  const projector = { ...relay(queue, after, logger), onCaughtUp: (position: bigint) => caughtUp.add(position) };
  const running = runProjector({ log, clock, logger }, projector, stop.signal);
  await caughtUp.until(1);
  stop.abort();
  await running;
}

describe('the relay', () => {
  test('gives a message for each request and each ending, and for nothing else', async () => {
    const sessionId = await startSample(played);
    const first = await requestSample(played, sessionId);
    await answerSample(played, first);
    const second = await requestSample(played, sessionId, { deadlineMs: 7_000 });
    const context = { actor: 'game', correlationId: 'another' };
    const cancel = { turnId: second.turnId, by: 'game', reason: 'requested' } as const;
    await played.ledger.sessions.transact(sessionStream(sessionId), (state) => cancelTurn(cancel, state), { context });
    const queue = noting();
    await relayAll(queue);
    expect(queue.given.all).toMatchObject([
      first,
      { kind: 'ended', sessionId, turnId: first.turnId },
      second,
      { kind: 'ended', sessionId, turnId: second.turnId, correlationId: 'another' },
    ]);
  });

  test('gives none for turns that a re-run asks again, which its own runner takes', async () => {
    const { ledger } = played;
    const source = await ledger.sessions.load(sessionStream(await startSample(played)));
    const { keyId, participants } = source;
    const context = { actor: 'game', correlationId: 'another' };
    const start = sampleRerunStart({ keyId, participants });
    const stream = sessionStream(sampleIds.rerunSession);
    await ledger.sessions.transact(stream, (state) => startRerunSession(start, state), { context });
    await answerSample(played, await requestSample(played, sampleIds.rerunSession));
    expect(await sessionEventTypes(played, sampleIds.rerunSession)).toContain('TurnCompleted');
    const queue = noting();
    await relayAll(queue);
    expect(queue.given.all).toEqual([]);
  });

  test('says of each message which event it tells of', async () => {
    await requestSample(played, await startSample(played));
    const queue = noting();
    await relayAll(queue);
    const [message] = queue.given.all;
    const [requested] = await log.readStream(sessionStream(message?.sessionId ?? ''), { fromRevision: 1 });
    expect(message?.origin).toEqual({ eventId: requested?.eventId, position: await log.headPosition() });
  });

  test('goes on where it is told to', async () => {
    await requestSample(played, await startSample(played));
    const after = await log.headPosition();
    const next = await requestSample(played, await startSample(played));
    const queue = noting();
    await relayAll(queue, after);
    expect(queue.given.all).toMatchObject([next]);
  });

  test.each([
    ['of a version it does not know', { metadata: { schemaVersion: '9' } }],
    ['that does not have its shape', { data: '{"turnId":7}' }],
    ['that is not JSON', { data: 'not JSON' }],
  ])('leaves out an event %s, says so, and goes on', async (_name, special) => {
    await log.append(freshStream(), 'no_stream', [
      encodedEvent({ type: 'TurnRequested', metadata: { schemaVersion: '1' }, ...special }),
    ]);
    const message = await requestSample(played, await startSample(played));
    const queue = noting();
    const errors: object[] = [];
    await relayAll(queue, 0n, { ...silentLog, error: (facts) => errors.push(facts) });
    expect(queue.given.all).toMatchObject([message]);
    expect(errors).toHaveLength(1);
  });

  test('does not keep a process that ends while its queue is full', async () => {
    for (let count = 0; count < 3; count += 1) await requestSample(played, await startSample(played));
    const queue = new MemoryTurnQueue({ onError: () => {}, maxMessages: 1 });
    const stop = new AbortController();
    const running = runProjector({ log, clock, logger: silentLog }, relay(queue, 0n, silentLog), stop.signal);
    while (queue.depth() < 1) await new Promise<void>((resolve) => setImmediate(resolve));
    stop.abort();
    await running;
    expect(queue.depth()).toBe(1);
  });
});

describe('enqueueOpenTurns', () => {
  const row = (number: number) => {
    const turnId = `0198c0de-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
    const record = {
      turnId,
      sessionId: turnId,
      status: 'requested',
      loggedAtMs: number,
      deadlineMs: 30_000,
      correlationId: 'c',
    };
    return { key: turnId, stream: `session-${turnId}`, revision: 1, record: JSON.stringify(record) };
  };

  test.each([0, 1, limits.projector.maxBatchEvents, limits.projector.maxBatchEvents * 2 + 7])(
    'enqueues each of %i open turns once',
    async (count) => {
      const store = openMemoryViewStore();
      await store.prepare([views.turns]);
      const rows = Array.from({ length: count }, (_, index) => row(index));
      await store.commit([{ view: views.turns, rows }], { from: 0n, to: 1n });
      const queue = noting();
      expect(await enqueueOpenTurns(store, queue)).toBe(count);
      expect(queue.given.all.map(({ turnId }) => turnId)).toEqual(rows.map(({ key }) => key));
      expect(queue.given.all[0]).toEqual(
        count === 0
          ? undefined
          : {
              kind: 'requested',
              sessionId: row(0).key,
              turnId: row(0).key,
              requestedAtMs: 0,
              deadlineMs: 30_000,
              correlationId: 'c',
            },
      );
    },
  );
});
