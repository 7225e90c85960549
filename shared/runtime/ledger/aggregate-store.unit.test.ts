import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventLog, openMemoryKeyVault, type VaultRecords } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { limits, sessionStream } from '../../contracts/index.ts';
import { accepted, cancelTurn, requestTurn, type SessionState, startSession } from '../../domain/index.ts';
import type { KeyVault } from '../../ports/index.ts';
import { advanceUntil } from '../../testing/advance-until.ts';
import { FaultyEventLog } from '../../testing/faulty-event-log.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { publishSample, requestSample, sampleHmac, startSample } from '../../testing/played-session.ts';
import { sampleIds, sampleRequest, sampleStart } from '../../testing/sample-commands.ts';
import { firstBrokenLink } from '../../trust/index.ts';
import { type Ledger, openLedger } from './aggregates.ts';

const context = { actor: 'game', correlationId: 'correlation-1' };
const code = (expected: string) => expect.objectContaining({ code: expected });

let clock: ManualClock;
let log: FaultyEventLog;
let records: VaultRecords;
let vault: KeyVault;
let ledger: Ledger;
/** Another process over the same log and vault. */
let rival: Ledger;
let sessionId: string;
let stream: string;

const ports = () => ({ ledger, vault, log, ids });
const stored = () => log.readStream(stream);
const storedTypes = async () => (await stored()).map(({ type }) => type);
const request = (turnId = ids.uuid(), text = 'Who goes there?') =>
  sampleRequest({ turnId, text, speaker: { kind: 'game' }, bodyHmac: sampleHmac });
const play = (command = request(), on = ledger) =>
  on.sessions.transact(stream, (state) => requestTurn(command, state), { context });

beforeEach(async () => {
  clock = new ManualClock();
  const memory = new MemoryEventLog({ clock });
  log = new FaultyEventLog(memory);
  records = { players: new Map(), keys: new Map() };
  vault = openMemoryKeyVault({ ids, records });
  ledger = openLedger({ log, vault, clock, ids });
  rival = openLedger({ log: memory, vault, clock, ids });
  await publishSample(ports());
  sessionId = await startSample(ports());
  stream = sessionStream(sessionId);
  log.appends.length = 0;
  log.reads.length = 0;
});

describe('a transaction', () => {
  it('answers with the state and revision after its events', async () => {
    const { turnId } = request();
    expect(await play(request(turnId))).toMatchObject({
      outcome: 'recorded',
      revision: 1,
      state: { openTurnId: turnId },
    });
  });

  it('writes nothing for a refusal, and says which turn is in the way', async () => {
    const { turnId } = await requestSample(ports(), sessionId);
    expect(await play()).toMatchObject({ outcome: 'refused', reason: 'turn_open', turnId });
    expect(await stored()).toHaveLength(2);
  });

  it('writes nothing for what is there already', async () => {
    const command = request();
    await play(command);
    expect(await play(command)).toMatchObject({ outcome: 'unchanged', revision: 1 });
    expect(await stored()).toHaveLength(2);
  });

  it('becomes one event when 200 ask for the same at once', async () => {
    const command = request();
    const answers = await Promise.all(Array.from({ length: 200 }, () => play(command)));
    expect(answers.filter(({ outcome }) => outcome === 'recorded')).toHaveLength(1);
    expect(answers.filter(({ outcome }) => outcome === 'unchanged')).toHaveLength(199);
    expect(await stored()).toHaveLength(2);
  });

  it('writes nothing when deciding throws', async () => {
    const failing = ledger.sessions.transact(stream, () => Promise.reject(new TypeError('a bug')), { context });
    await expect(failing).rejects.toThrow(TypeError);
    expect(log.appends).toEqual([]);
  });

  it('never writes an event that could not be read again', async () => {
    const wrong = ledger.sessions.transact(
      stream,
      () => accepted({ type: 'SessionEnded', data: { outcome: 'bored', by: 'game' } }),
      {
        context,
      },
    );
    await expect(wrong).rejects.toThrow(code('event_invalid'));
    expect(await storedTypes()).toEqual(['SessionStarted']);
  });

  it('throws for an append that no log can take', async () => {
    const tooLong = play(request(ids.uuid(), 'x'.repeat(limits.log.maxAppendBytes)));
    await expect(tooLong).rejects.toThrow(code('invariant_broken'));
    expect(await stored()).toHaveLength(1);
  });
});

describe('a slow append', () => {
  it('holds up no reader, and is not seen before the log has it', async () => {
    const held = new AbortController();
    log.onNextAppends(() => clock.sleep(60_000, held.signal));
    const slow = play();
    expect(await ledger.sessions.load(stream)).toMatchObject({ revision: 0 });
    held.abort();
    expect(await slow).toMatchObject({ outcome: 'recorded', revision: 1 });
    expect(await ledger.sessions.load(stream, 1_000)).toMatchObject({ revision: 1 });
  });
});

describe('a conflict', () => {
  it('is decided again on what the faster writer left', async () => {
    const faster = request();
    const seen: SessionState[] = [];
    log.onNextAppends(async () => void (await play(faster, rival)));
    const answer = await ledger.sessions.transact(
      stream,
      (state) => {
        seen.push(state);
        return requestTurn(request(), state);
      },
      { context },
    );
    expect(answer).toMatchObject({ outcome: 'refused', reason: 'turn_open', turnId: faster.turnId });
    expect(seen.map(({ revision }) => revision)).toEqual([0, 1]);
  });

  it('attaches to the same turn where a twin was faster', async () => {
    const command = request();
    log.onNextAppends(async () => void (await play(command, rival)));
    expect(await play(command)).toMatchObject({ outcome: 'unchanged', revision: 1 });
    expect(await stored()).toHaveLength(2);
  });

  it('gives up after three decisions', async () => {
    log.onEveryAppend('conflict');
    let decisions = 0;
    const contended = ledger.sessions.transact(
      stream,
      (state) => {
        decisions += 1;
        return requestTurn(request(), state);
      },
      { context },
    );
    await expect(contended).rejects.toThrow(code('stream_contended'));
    expect(decisions).toBe(limits.aggregate.maxDecisions);
    expect(await stored()).toHaveLength(1);
  });

  it('makes new bytes for a new decision', async () => {
    log.onNextAppends('conflict');
    await play();
    const [first, second] = log.appends.map(({ events }) => events[0]?.eventId);
    expect(first).not.toBe(second);
  });
});

describe('an unknown outcome', () => {
  it.each(['unknown_written', 'unknown_unwritten'] as const)(
    'is retried with the same bytes after %s',
    async (fault) => {
      log.onNextAppends(fault, fault, fault);
      expect(await advanceUntil(clock, play())).toMatchObject({ outcome: 'recorded', revision: 1 });
      expect(log.appends).toHaveLength(4);
      expect(new Set(log.appends.map((append) => JSON.stringify(append))).size).toBe(1);
      expect(await storedTypes()).toEqual(['SessionStarted', 'TurnRequested']);
    },
  );

  it('is followed by a look at what the log really holds', async () => {
    log.onNextAppends('unknown_written');
    await advanceUntil(clock, play());
    expect(log.reads).toEqual([{ stream, fromRevision: 0 }]);
  });

  it('leaves a chain that holds for whoever builds on it', async () => {
    const command = request();
    log.onNextAppends('unknown_written');
    await advanceUntil(clock, play(command));
    const cancelled = { turnId: command.turnId, by: 'game', reason: 'requested' } as const;
    await ledger.sessions.transact(stream, (state) => cancelTurn(cancelled, state), { context });
    expect(await stored()).toHaveLength(3);
    expect(firstBrokenLink(await stored())).toBeUndefined();
  });

  it('that was not written may lose to a faster writer', async () => {
    const faster = request();
    log.onNextAppends('unknown_unwritten', async () => void (await play(faster, rival)));
    expect(await advanceUntil(clock, play())).toMatchObject({ outcome: 'refused', turnId: faster.turnId });
  });

  it('is told after five seconds of them', async () => {
    log.onEveryAppend('unknown_unwritten');
    const startedMs = clock.monotonicMs();
    await expect(advanceUntil(clock, play())).rejects.toThrow(code('outcome_unknown'));
    const tookMs = clock.monotonicMs() - startedMs;
    expect(tookMs).toBeGreaterThan(limits.aggregate.unknownRetryMs - 1_000);
    expect(tookMs).toBeLessThanOrEqual(limits.aggregate.unknownRetryMs);
    expect(new Set(log.appends.map((append) => JSON.stringify(append))).size).toBe(1);
  });

  it('is retried as long as a paid ending needs', async () => {
    log.onEveryAppend('unknown_unwritten');
    const command = request();
    const paid = ledger.sessions.transact(stream, (state) => requestTurn(command, state), {
      context,
      retryUnknownMs: Number.POSITIVE_INFINITY,
    });
    const answer = Promise.race([paid, clock.sleep(60_000).then(() => 'still trying' as const)]);
    expect(await advanceUntil(clock, answer, 500)).toBe('still trying');
    log.onEveryAppend(undefined);
    expect(await advanceUntil(clock, paid)).toMatchObject({ outcome: 'recorded' });
  });

  it('that was written is found by the same key afterwards', async () => {
    const command = request();
    log.onEveryAppend('unknown_written');
    await expect(advanceUntil(clock, play(command))).rejects.toThrow(code('outcome_unknown'));
    log.onEveryAppend(undefined);
    expect(await play(command)).toMatchObject({ outcome: 'unchanged', revision: 1 });
    expect(await stored()).toHaveLength(2);
  });
});

describe('a stream that is probably new', () => {
  const start = sampleStart({ keyId: sampleIds.key, bodyHmac: sampleHmac });
  const fresh = sessionStream(sampleIds.session);
  const open = (command = start) =>
    ledger.sessions.transact(fresh, (state) => startSession(command, state), { context, likelyNew: true });

  beforeEach(() => vault.ensureKey(sampleIds.key));

  it('is written without a read', async () => {
    expect(await open()).toMatchObject({ outcome: 'recorded', revision: 0 });
    expect(log.reads).toEqual([]);
    expect(log.appends).toMatchObject([{ expected: 'no_stream' }]);
  });

  it('is read when it was there after all', async () => {
    await rival.sessions.transact(fresh, (state) => startSession(start, state), { context });
    expect(await open()).toMatchObject({ outcome: 'unchanged', revision: 0 });
    const other = await open({ ...start, bodyHmac: 'c1'.repeat(32) });
    expect(other).toMatchObject({ outcome: 'refused', reason: 'idempotency_key_reused' });
  });
});
