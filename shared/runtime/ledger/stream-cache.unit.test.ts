import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventLog, openMemoryKeyVault } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { limits, sessionStream } from '../../contracts/index.ts';
import { cancelTurn, type RequestTurn, requestTurn } from '../../domain/index.ts';
import type { EncodedEvent, KeyVault } from '../../ports/index.ts';
import { FaultyEventLog } from '../../testing/faulty-event-log.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { publishSample, requestSample, sampleHmac, startSample } from '../../testing/played-session.ts';
import { sampleRequest } from '../../testing/sample-commands.ts';
import { zeroHash } from '../../trust/index.ts';
import { type Ledger, openLedger } from './aggregates.ts';

const context = { actor: 'game', correlationId: 'correlation-1' };

let clock: ManualClock;
let log: FaultyEventLog;
let vault: KeyVault;
let ledger: Ledger;
/** Another process over the same log and vault. */
let rival: Ledger;
let sessionId: string;
let stream: string;

const ports = () => ({ ledger, vault, log, ids });

const play = (changes: Partial<RequestTurn> = {}) => {
  const command = sampleRequest({ turnId: ids.uuid(), speaker: { kind: 'game' }, bodyHmac: sampleHmac, ...changes });
  return ledger.sessions.transact(stream, (state) => requestTurn(command, state), { context });
};

const cancel = (turnId: string, on = ledger) =>
  on.sessions.transact(stream, (state) => cancelTurn({ turnId, by: 'game', reason: 'requested' }, state), { context });

beforeEach(async () => {
  clock = new ManualClock();
  const memory = new MemoryEventLog({ clock });
  log = new FaultyEventLog(memory);
  vault = openMemoryKeyVault({ ids, records: { players: new Map(), keys: new Map() } });
  ledger = openLedger({ log, vault, clock, ids });
  rival = openLedger({ log: memory, vault, clock, ids });
  await publishSample(ports());
  sessionId = await startSample(ports());
  stream = sessionStream(sessionId);
  log.reads.length = 0;
});

describe('a cached stream', () => {
  it('is not read for a decision that the log accepts', async () => {
    const { turnId } = await requestSample(ports(), sessionId);
    log.reads.length = 0;
    await cancel(turnId);
    expect(log.reads).toEqual([]);
  });

  it('is read past its cached revision only', async () => {
    const { turnId } = await requestSample(ports(), sessionId);
    await cancel(turnId, rival);
    log.reads.length = 0;
    const state = await ledger.sessions.load(stream);
    expect(state.revision).toBe(2);
    expect(log.reads).toEqual([{ stream, fromRevision: 2 }]);
  });

  it('takes a refusal back when the newest state knows better', async () => {
    const { turnId } = await requestSample(ports(), sessionId);
    await cancel(turnId, rival);
    expect(await play()).toMatchObject({ outcome: 'recorded', revision: 3 });
  });

  it('serves who is content with an older state, and reads for who is not', async () => {
    await ledger.sessions.load(stream, 1_000);
    await clock.advanceBy(999);
    await ledger.sessions.load(stream, 1_000);
    expect(log.reads).toEqual([]);
    await clock.advanceBy(1);
    await ledger.sessions.load(stream, 1_000);
    expect(log.reads).toHaveLength(1);
  });

  it('is read once for all who are content to share', async () => {
    const cold = openLedger({ log, vault, clock, ids });
    await Promise.all(Array.from({ length: 20 }, () => cold.sessions.load(stream, 1_000)));
    expect(log.reads).toHaveLength(1);
  });

  it('is read by each who must see what came before their call', async () => {
    await Promise.all([ledger.sessions.load(stream), ledger.sessions.load(stream)]);
    expect(log.reads).toHaveLength(2);
  });

  it('is still there after a read that failed', async () => {
    log.failNextReads(1);
    await expect(ledger.sessions.load(stream)).rejects.toThrow(expect.objectContaining({ code: 'store_unavailable' }));
    expect(await ledger.sessions.load(stream)).toMatchObject({ status: 'open', revision: 0 });
    expect(log.reads.map(({ fromRevision }) => fromRevision)).toEqual([1, 1]);
  });

  it('keeps nothing of a stream that is not there', async () => {
    const none = sessionStream(ids.uuid());
    expect(await ledger.sessions.load(none, 1_000)).toMatchObject({ status: 'none', revision: -1 });
    await ledger.sessions.load(none, 1_000);
    expect(log.reads).toHaveLength(2);
  });
});

describe('the events of a stream', () => {
  const revisions = async (from: number, through: number) =>
    (await ledger.sessions.events(stream, from, through)).map(({ revision }) => revision);

  it('come from memory while they are recent', async () => {
    const { turnId } = await requestSample(ports(), sessionId);
    await cancel(turnId);
    log.reads.length = 0;
    expect(await revisions(0, 2)).toEqual([0, 1, 2]);
    expect(await revisions(1, 1)).toEqual([1]);
    expect(log.reads).toEqual([]);
  });

  it('come from the log once they are not', async () => {
    const text = 'x'.repeat(limits.aggregate.recentBytesPerStream / 2);
    for (let turn = 0; turn < 3; turn += 1) await cancel((await requestSample(ports(), sessionId, { text })).turnId);
    log.reads.length = 0;
    expect(await revisions(0, 6)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(log.reads).toEqual([{ stream, fromRevision: 0 }]);
  });

  it('come from the log where it knows more than the cache', async () => {
    const { turnId } = await requestSample(ports(), sessionId);
    await cancel(turnId, rival);
    expect(await revisions(1, 2)).toEqual([1, 2]);
  });

  it('are none where the end is before the start', async () => {
    expect(await revisions(1, 0)).toEqual([]);
  });

  it('are as many as asked for, also when one read of the log does not hold them', async () => {
    await fillWith(limits.log.maxReadEvents + 10);
    const { revision } = await ledger.sessions.load(stream);
    expect(await revisions(0, revision)).toHaveLength(limits.log.maxReadEvents + 11);
  });

  /** Events about turns nobody knows: they move the revision and nothing else. */
  async function fillWith(count: number): Promise<void> {
    const data = JSON.stringify({ turnId: ids.uuid(), by: 'game', reason: 'requested' });
    const metadata = { schemaVersion: '1', prevHash: zeroHash, hash: zeroHash };
    const { maxEventsPerAppend } = limits.log;
    for (let written = 0; written < count; written += maxEventsPerAppend) {
      const length = Math.min(maxEventsPerAppend, count - written);
      const events = Array.from(
        { length },
        (): EncodedEvent => ({ eventId: ids.uuid(), type: 'TurnCancelled', data, metadata }),
      );
      await log.append(stream, written, events);
    }
  }
});
