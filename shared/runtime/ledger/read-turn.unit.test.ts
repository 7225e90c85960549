import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventLog, openMemoryKeyVault, type VaultRecords } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { sessionStream } from '../../contracts/index.ts';
import { endSession, type SessionEvent } from '../../domain/index.ts';
import type { KeyVault, TurnMessage } from '../../ports/index.ts';
import { FaultyEventLog } from '../../testing/faulty-event-log.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { answerSample, publishSample, requestSample, startSample } from '../../testing/played-session.ts';
import { sampleSettled } from '../../testing/sample-events.ts';
import { type Ledger, openLedger } from './aggregates.ts';
import { readSession } from './read-session.ts';
import { foldTurns, readTurn } from './read-turn.ts';

const context = { actor: 'game', correlationId: 'correlation-1' };

let clock: ManualClock;
let log: FaultyEventLog;
let records: VaultRecords;
let vault: KeyVault;
let ledger: Ledger;
let sessionId: string;

const ports = () => ({ ledger, vault, log, ids });
const readers = () => ({ sessions: ledger.sessions, vault });

beforeEach(async () => {
  clock = new ManualClock();
  log = new FaultyEventLog(new MemoryEventLog({ clock }));
  records = { players: new Map(), keys: new Map() };
  vault = openMemoryKeyVault({ ids, records });
  ledger = openLedger({ log, vault, clock, ids });
  await publishSample(ports());
  sessionId = await startSample(ports(), { gameId: 'lisbon' });
});

async function answered(text: string, reply: string): Promise<TurnMessage> {
  const turn = await requestSample(ports(), sessionId, { text });
  await clock.advanceBy(1_000);
  await answerSample(ports(), turn, reply);
  return turn;
}

const read = async (turnId: string) =>
  readTurn(readers(), sessionId, await ledger.sessions.load(sessionStream(sessionId)), turnId);

describe('readTurn', () => {
  it('tells an answered turn as it was recorded', async () => {
    const { turnId } = await answered('Who goes there?', 'A friend.');
    expect(await read(turnId)).toMatchObject({
      turnId,
      sessionId,
      position: 1,
      status: 'completed',
      prompt: 'Who goes there?',
      reply: 'A friend.',
      scenarioId: 'tavern',
      scenarioVersion: 1,
      attempts: 1,
      requestedAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-01-01T00:00:01.000Z',
    });
  });

  it('tells each turn apart from its neighbours', async () => {
    await answered('First?', 'One.');
    const { turnId } = await answered('Second?', 'Two.');
    await answered('Third?', 'Three.');
    expect(await read(turnId)).toMatchObject({ position: 2, prompt: 'Second?', reply: 'Two.' });
  });

  it('tells an open turn', async () => {
    const { turnId } = await requestSample(ports(), sessionId);
    expect(await read(turnId)).toMatchObject({ status: 'requested', attempts: 0 });
  });

  it('knows no turn of another session', async () => {
    const elsewhere = await requestSample(ports(), await startSample(ports()));
    expect(await read(elsewhere.turnId)).toBeUndefined();
  });

  it('needs no read of the log while its events are recent', async () => {
    const { turnId } = await answered('Who goes there?', 'A friend.');
    const state = await ledger.sessions.load(sessionStream(sessionId));
    log.reads.length = 0;
    await readTurn(readers(), sessionId, state, turnId);
    expect(log.reads).toEqual([]);
  });

  it('shows null for what was erased, and the rest as before', async () => {
    const { turnId } = await answered('Who goes there?', 'A friend.');
    for (const keyId of records.keys.keys()) records.keys.set(keyId, null);
    expect(await read(turnId)).toMatchObject({ prompt: null, reply: null, status: 'completed', position: 1 });
  });
});

describe('a turn that was read before', () => {
  it('is not read again once it has ended', async () => {
    const { turnId } = await answered('Who goes there?', 'A friend.');
    const first = await read(turnId);
    expect(await read(turnId)).toBe(first);
  });

  it('is read again when its money is settled later', async () => {
    const turn = await requestSample(ports(), sessionId);
    await clock.advanceBy(1_000);
    await answerSample(ports(), turn, 'A friend.');
    const before = await read(turn.turnId);
    const settled = sampleSettled({
      turnId: turn.turnId,
      callId: ids.uuid(),
      priceTable: 'none',
    }) as SessionEvent<'plain'>;
    await ledger.sessions.transact(sessionStream(sessionId), () => ({ outcome: 'accepted', events: [settled] }), {
      context,
    });
    expect((await read(turn.turnId))?.revision).toBe((before?.revision ?? 0) + 1);
  });

  it('shows null once its player was erased', async () => {
    const { turnId } = await answered('Who goes there?', 'A friend.');
    await read(turnId);
    for (const keyId of records.keys.keys()) records.keys.set(keyId, null);
    expect(await read(turnId)).toMatchObject({ prompt: null, reply: null });
  });
});

describe('foldTurns', () => {
  it('gives the turns in the order in which they were asked for', async () => {
    const asked = [
      await answered('First?', 'One.'),
      await answered('Second?', 'Two.'),
      await requestSample(ports(), sessionId),
    ];
    const events = await log.readStream(sessionStream(sessionId));
    const turns = await foldTurns(events, { sessionId, scenarioId: 'tavern' }, vault);
    expect(turns.map(({ turnId }) => turnId)).toEqual(asked.map(({ turnId }) => turnId));
    expect(turns.map(({ status }) => status)).toEqual(['completed', 'completed', 'requested']);
  });

  it('leaves out a turn whose request is not among the events', async () => {
    const { turnId } = await answered('First?', 'One.');
    const [, , ...tail] = await log.readStream(sessionStream(sessionId));
    const turns = await foldTurns(tail, { sessionId, scenarioId: 'tavern' }, vault);
    expect(turns.find((turn) => turn.turnId === turnId)).toBeUndefined();
  });
});

describe('readSession', () => {
  it('tells a session from its first event to its last', async () => {
    const { turnId } = await answered('First?', 'One.');
    const command = { outcome: 'won', score: 7, by: 'game', actor: 'game' } as const;
    await ledger.sessions.transact(sessionStream(sessionId), (state) => endSession(command, state), { context });
    expect(await readSession(readers(), sessionId)).toMatchObject({
      sessionId,
      gameId: 'lisbon',
      status: 'ended',
      turns: 1,
      lastTurnId: turnId,
      outcome: 'won',
      score: 7,
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-01-01T00:00:01.000Z',
      revision: 4,
    });
  });

  it('knows no session that was never started', async () => {
    expect(await readSession(readers(), ids.uuid())).toBeUndefined();
  });
});
