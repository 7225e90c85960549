import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { emptyVaultRecords, MemoryCache, MemoryEventLog, openMemoryKeyVault } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { sessionStream, TurnledgerError } from '../../contracts/index.ts';
import { evolveSession, initialSession, type SessionEvent, type SessionState } from '../../domain/index.ts';
import type { Cache, KeyVault, StoredEvent } from '../../ports/index.ts';
import { FaultyEventLog } from '../../testing/faulty-event-log.ts';
import { readGolden } from '../../testing/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { answerSample, publishSample, requestSample, startSample } from '../../testing/played-session.ts';
import { runSteps, sessionSteps } from '../../testing/session-steps.ts';
import { openLedger } from './aggregates.ts';
import { decodeEvent } from './opened-events.ts';
import { readSnapshot, writeSnapshot } from './session-snapshot.ts';
import { advance, emptyStream, type LoadedStream } from './stream-cache.ts';

const clock = new ManualClock();

let log: MemoryEventLog;
let cache: Cache;
let vault: KeyVault;
let isErased: boolean;
let isVaultAway: boolean;

beforeEach(() => {
  log = new MemoryEventLog({ clock });
  cache = new MemoryCache({ clock });
  isErased = false;
  isVaultAway = false;
  const keys = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  vault = {
    ...keys,
    async dataKey(keyId) {
      if (isVaultAway) throw new TurnledgerError('store_unavailable');
      return isErased ? { outcome: 'erased', keyId } : keys.dataKey(keyId);
    },
  };
});

const open = (of: MemoryEventLog | FaultyEventLog = log) => openLedger({ log: of, vault, clock, ids, cache });

/** A session of some turns, kept warm, and one more turn after that. */
async function playWarm(turns = 5): Promise<{ readonly stream: string; readonly warmRevision: number }> {
  const ledger = open();
  const played = { ledger, vault, log, ids };
  await publishSample(played);
  const sessionId = await startSample(played);
  for (let count = 0; count < turns; count += 1) await answerSample(played, await requestSample(played, sessionId));
  const stream = sessionStream(sessionId);
  await ledger.sessions.keepWarm(stream);
  await answerSample(played, await requestSample(played, sessionId));
  return { stream, warmRevision: turns * 3 };
}

/** From which revisions a process reads that has not seen the session, and whether it gets the state that the log holds. */
async function loadCold(stream: string): Promise<readonly number[]> {
  const cold = new FaultyEventLog(log);
  const state = await open(cold).sessions.load(stream);
  const whole = openLedger({ log, vault, clock, ids });
  expect(state).toEqual(await whole.sessions.load(stream));
  return cold.reads.map(({ fromRevision }) => fromRevision);
}

describe('a session that this process has not seen', () => {
  test('is read from where it was kept warm', async () => {
    const { stream, warmRevision } = await playWarm();
    expect(await loadCold(stream)).toEqual([warmRevision]);
  });

  test('gives all its events: new ones from memory, those before from the log', async () => {
    const { stream, warmRevision } = await playWarm();
    const cold = new FaultyEventLog(log);
    const { sessions } = open(cold);
    await sessions.load(stream);
    const whole = await log.readStream(stream);
    expect(await sessions.events(stream, warmRevision + 1, warmRevision + 3)).toEqual(whole.slice(warmRevision + 1));
    expect(cold.reads).toHaveLength(1);
    expect(await sessions.events(stream, 0, warmRevision + 3)).toEqual(whole);
  });

  test('leaves nothing that was said in the cache', async () => {
    const { stream } = await playWarm();
    expect(await cache.get(stream)).not.toMatch(/ciphertext|friend|goes there/);
  });

  test('goes on from there: what it decides is appended where the log stands', async () => {
    const { stream } = await playWarm();
    const sessionId = stream.replace('session-', '');
    const played = { ledger: open(), vault, log, ids };
    await answerSample(played, await requestSample(played, sessionId));
    expect((await log.readHead(stream))?.revision).toBe(21);
  });

  test('is read whole when nothing was kept', async () => {
    const { stream } = await playWarm();
    await cache.forget(stream);
    expect(await loadCold(stream)).toEqual([0]);
  });

  test.each<[string, (entry: string) => string]>([
    ['another state', (entry) => entry.replace('"status":"open"', '"status":"none"')],
    ['another revision', (entry) => entry.replace('"revision":15', '"revision":12')],
    ['another version', (entry) => entry.replace(/^\d+\n/, '999\n')],
    ['another key', (entry) => entry.replace(/^(\d+\n)[^\n]*/, `$1${ids.uuid()}`)],
    ['no hash', (entry) => entry.replace(/\n[0-9a-f]{64}\n/, '\n\n')],
    ['half of it', (entry) => entry.slice(0, entry.length / 2)],
    ['nothing', () => ''],
    ['something else', () => 'not ours'],
  ])('is read whole when the entry was changed: %s', async (_name, change) => {
    const { stream } = await playWarm();
    const entry = (await cache.get(stream)) ?? '';
    expect(change(entry)).not.toBe(entry);
    await cache.put(stream, change(entry));
    expect(await loadCold(stream)).toEqual([0]);
  });

  test('is read whole when another session’s entry, even of the same key, is in its place', async () => {
    const { stream } = await playWarm();
    const other = await playWarm(3);
    await cache.put(stream, (await cache.get(other.stream)) ?? '');
    expect(await loadCold(stream)).toEqual([0]);
  });

  test('is read whole when the log was restored to an earlier day and went on another way', async () => {
    const { stream } = await playWarm();
    const restored = new MemoryEventLog({ clock });
    const events = await log.readStream(stream, { maxCount: 10 });
    await restored.append(stream, 'no_stream', events);
    log = restored;
    const shorter = await loadCold(stream);
    expect(shorter).toEqual([15, 0]);
    const played = { ledger: openLedger({ log, vault, clock, ids }), vault, log, ids };
    const sessionId = stream.replace('session-', '');
    for (let count = 0; count < 4; count += 1) await answerSample(played, await requestSample(played, sessionId));
    expect(await loadCold(stream)).toEqual([15, 0]);
  });

  test('is read whole when its key is destroyed, and nothing more is kept of it', async () => {
    const { stream } = await playWarm();
    isErased = true;
    expect(await loadCold(stream)).toEqual([0]);
    await cache.forget(stream);
    await open().sessions.keepWarm(stream);
    expect(await cache.get(stream)).toBeUndefined();
  });

  test('is read whole while the vault does not answer', async () => {
    const { stream } = await playWarm();
    isVaultAway = true;
    expect(await loadCold(stream)).toEqual([0]);
  });
});

const loadedFrom = (events: readonly SessionEvent<'sealed'>[]): LoadedStream<SessionState> => ({
  ...emptyStream(events.reduce(evolveSession, initialSession), 7),
  revision: events.length - 1,
});

describe('a snapshot', () => {
  test('is what was folded, and folds on as it would have', () => {
    fc.assert(
      fc.property(sessionSteps, fc.nat(), (steps, cut) => {
        const events = runSteps(steps).events as unknown as readonly SessionEvent<'sealed'>[];
        const before = events.slice(0, cut % (events.length + 1));
        const loaded = loadedFrom(before);
        const restored = readSnapshot(writeSnapshot(loaded), 7);
        expect(restored).toEqual(loaded);
        const rest = events.slice(before.length);
        expect(rest.reduce(evolveSession, restored.state)).toEqual(rest.reduce(evolveSession, loaded.state));
      }),
      { numRuns: 200 },
    );
  });

  /** A different hash here is a different fold, or form: raise `snapshotVersion`, then write the new hash down. */
  test('of the golden histories is the one that this version of it is', () => {
    const stored = readGolden('version-4.jsonl').filter(({ stream }) => stream.startsWith('session-'));
    const streams = [...new Set(stored.map(({ stream }) => stream))];
    const texts = streams.map((stream) => {
      const events = stored.filter((event) => event.stream === stream);
      const fold = (state: SessionState, event: StoredEvent) =>
        evolveSession(state, decodeEvent(event) as SessionEvent<'sealed'>);
      return writeSnapshot(advance(emptyStream(initialSession, 0), events, fold, 0));
    });
    expect(createHash('sha256').update(texts.join('\n')).digest('hex')).toBe(
      '0e9811a7b869f736f428c8a0f2cbfdccf2c7aded61c3e5752c8800e1d385825d',
    );
  });
});
