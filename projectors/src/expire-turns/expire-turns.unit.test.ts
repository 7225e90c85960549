import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
  openMemoryViewStore,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream, TurnledgerError, views } from '@turnledger/shared/contracts';
import type { TurnMessage, ViewStore } from '@turnledger/shared/ports';
import { openLedger, openSessionEvent, silentLog } from '@turnledger/shared/runtime';
import {
  answerSample,
  claimSample,
  ManualClock,
  type PlayedPorts,
  publishSample,
  requestSample,
  sessionEvents,
  sessionEventTypes,
  startSample,
} from '@turnledger/shared/testing';
import { expireTurns } from './expire-turns.ts';

let clock: ManualClock;
let log: MemoryEventLog;
let feed: MemoryTurnFeed;
let store: ViewStore;
let played: PlayedPorts;
let position = 0n;

beforeEach(async () => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  feed = new MemoryTurnFeed({ clock });
  store = openMemoryViewStore();
  position = 0n;
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  played = { ledger: openLedger({ log, vault, clock, ids }), vault, log, ids };
  await store.prepare([views.turns]);
  await publishSample(played);
});

/** Shows a turn as open in the view, whatever its stream says. */
async function show(...messages: readonly TurnMessage[]): Promise<void> {
  const rows = messages.map(({ sessionId, turnId, requestedAtMs, deadlineMs, correlationId }) => {
    const deadlines = { loggedAtMs: requestedAtMs, deadlineAtMs: requestedAtMs + deadlineMs };
    const record = { sessionId, turnId, status: 'requested', correlationId, deadlineMs, ...deadlines };
    return { key: turnId, stream: sessionStream(sessionId), revision: 1, record: JSON.stringify(record) };
  });
  await store.commit([{ view: views.turns, rows }], { from: position, to: position + 1n });
  position += 1n;
}

async function openTurn(deadlineMs = 5_000): Promise<TurnMessage> {
  const message = await requestSample(played, await startSample(played), { deadlineMs });
  await show(message);
  return message;
}

/** Runs the loop for so long. */
async function expireFor(ms: number, ledger = played.ledger): Promise<void> {
  const stop = new AbortController();
  const running = expireTurns({ ledger, store, feed, clock, logger: silentLog }, stop.signal);
  for (let passed = 0; passed <= ms; passed += limits.expiry.intervalMs) {
    for (let tick = 0; tick < 3; tick += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    await clock.advanceBy(limits.expiry.intervalMs);
  }
  stop.abort();
  await running;
}

const typesOf = async ({ sessionId }: TurnMessage) => (await sessionEventTypes(played, sessionId)).slice(2);

describe('expireTurns', () => {
  test('ends a turn that nobody began, in the queue phase, with its fallback line, and tells its readers', async () => {
    const message = await openTurn();
    await expireFor(5_500);
    const ended = (await sessionEvents(played, message.sessionId)).at(-1);
    expect(ended).toMatchObject({ type: 'TurnTimedOut', data: { phase: 'queue' } });
    const stored = (await log.readStream(sessionStream(message.sessionId))).at(-1);
    const opened = stored && (await openSessionEvent(stored, played.vault));
    expect(opened?.data).toMatchObject({ fallback: 'The troll only grunts.', elapsedMs: expect.any(Number) });
    const { value } = await feed
      .read(message.turnId, { after: 0, signal: new AbortController().signal })
      [Symbol.asyncIterator]()
      .next();
    expect(value).toMatchObject({ kind: 'ended' });
  });

  test('leaves a turn alone that is not due', async () => {
    const message = await openTurn();
    await expireFor(4_000);
    expect(await typesOf(message)).toEqual([]);
  });

  test('gives a running worker a second more to end its own turn', async () => {
    const message = await openTurn();
    await claimSample(played, message);
    await expireFor(5_500);
    expect(await typesOf(message)).toEqual(['TurnStarted']);
    await expireFor(1_000);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnTimedOut']);
    expect((await sessionEvents(played, message.sessionId)).at(-1)).toMatchObject({
      data: { phase: 'total', attempt: 1 },
    });
  });

  test('leaves a turn as it ended, however late the view is', async () => {
    const message = await openTurn();
    await answerSample(played, message);
    await expireFor(8_000);
    expect(await typesOf(message)).toEqual(['TurnStarted', 'TurnCompleted']);
  });

  test('a turn that cannot be ended does not keep the others from it', async () => {
    const messages = [await openTurn(), await openTurn(), await openTurn()];
    const [first] = [...messages].sort((a, b) => (a.turnId < b.turnId ? -1 : 1));
    const { sessions } = played.ledger;
    const load = sessions.load.bind(sessions);
    sessions.load = async (stream, maxAgeMs) => {
      if (stream === sessionStream(first?.sessionId ?? '')) throw new TurnledgerError('event_unknown');
      return load(stream, maxAgeMs);
    };
    await expireFor(5_500);
    sessions.load = load;
    const ended = await Promise.all(messages.filter((message) => message !== first).map(typesOf));
    expect(ended).toEqual([['TurnTimedOut'], ['TurnTimedOut']]);
  });

  test('more turns than a page are ended in one round, also behind a page that cannot be', async () => {
    const stuck = await Promise.all(
      Array.from({ length: limits.expiry.maxBatch }, () => requestSample(played, ids.uuid(), { deadlineMs: 1 })),
    );
    await show(...stuck.map((message) => ({ ...message, requestedAtMs: clock.nowMs() })));
    const message = await openTurn(1);
    await clock.advanceBy(10);
    await expireFor(250);
    expect(await typesOf(message)).toEqual(['TurnTimedOut']);
  });
});
