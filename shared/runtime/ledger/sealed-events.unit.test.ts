import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventLog, openMemoryKeyVault, type VaultRecords } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { playerStream, scenarioStream, sessionStream } from '../../contracts/index.ts';
import { registerPlayer, requestTurn } from '../../domain/index.ts';
import type { KeyVault, StoredEvent } from '../../ports/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { answerSample, publishSample, requestSample, sampleHmac, startSample } from '../../testing/played-session.ts';
import { sampleRequest } from '../../testing/sample-commands.ts';
import {
  sampleCancelled,
  sampleCompleted,
  sampleEnded,
  sampleRequested,
  sampleStarted,
} from '../../testing/sample-events.ts';
import { firstBrokenLink, zeroHash } from '../../trust/index.ts';
import { type Ledger, openLedger } from './aggregates.ts';
import { encodeEvents } from './encode-events.ts';
import { openSessionEvent } from './opened-events.ts';
import { outsideIds } from './outside-ids.ts';

const context = {
  actor: 'game',
  correlationId: 'correlation-1',
  traceparent: `00-${'4b'.repeat(16)}-${'00f067aa0ba902b7'}-01`,
};
const code = (expected: string) => expect.objectContaining({ code: expected });
const secrets = {
  text: 'Where were you at 22:40?',
  reply: 'In the harbour, counting boats.',
  clue: 'ledger-page-7',
  stop: 'STOPWORD',
};

let clock: ManualClock;
let log: MemoryEventLog;
let records: VaultRecords;
let vault: KeyVault;
let ledger: Ledger;

const ports = () => ({ ledger, vault, log, ids });

beforeEach(async () => {
  clock = new ManualClock();
  log = new MemoryEventLog({ clock });
  records = { players: new Map(), keys: new Map() };
  vault = openMemoryKeyVault({ ids, records });
  ledger = openLedger({ log, vault, clock, ids });
  await publishSample(ports());
});

/** A session in which one turn was asked and answered; answers its stream. */
async function playedSession(): Promise<string> {
  const sessionId = await startSample(ports(), { player: 'player:42' });
  const turn = await requestSample(ports(), sessionId, {
    text: secrets.text,
    state: { rev: 1, data: { clue: secrets.clue } },
    metadata: { quest: secrets.clue },
    overrides: { stop: [secrets.stop] },
  });
  await answerSample(ports(), turn, secrets.reply);
  return sessionStream(sessionId);
}

const eraseKeys = () => {
  for (const keyId of records.keys.keys()) records.keys.set(keyId, null);
};

describe('what the store writes', () => {
  it('holds nothing that a person wrote in the clear', async () => {
    const events = await log.readStream(await playedSession());
    const everything = JSON.stringify(events.map(({ data, metadata }) => [data, metadata]));
    for (const secret of Object.values(secrets)) expect(everything).not.toContain(secret);
  });

  it('is one chain from the first event on', async () => {
    const events = await log.readStream(await playedSession());
    expect(events).toHaveLength(4);
    expect(firstBrokenLink(events)).toBeUndefined();
  });

  it('keeps the chain over events of one append and of many', async () => {
    const stream = sessionStream(ids.uuid());
    await vault.ensureKey(sampleStarted().data.keyId);
    const { maxTurns: _rule, maxRecordedTurns: _other, ...turn } = sampleRequest({ bodyHmac: sampleHmac });
    const first = [
      sampleStarted({ bodyHmac: sampleHmac }),
      { type: 'TurnRequested', data: { ...turn, position: 1, scenarioVersion: 1 } },
    ] as const;
    await ledger.sessions.transact(stream, () => ({ outcome: 'accepted', events: first }), { context });
    const rest = [sampleCancelled(), sampleEnded()] as const;
    await ledger.sessions.transact(stream, () => ({ outcome: 'accepted', events: rest }), { context });
    const events = await log.readStream(stream);
    expect(events[0]?.metadata.prevHash).toBe(zeroHash);
    expect(firstBrokenLink(events)).toBeUndefined();
  });

  it('says who it was recorded for, and when', async () => {
    const [, event] = await log.readStream(scenarioStream('tavern'));
    expect(event?.metadata).toMatchObject({
      recordedAt: '2026-01-01T00:00:00.000Z',
      actor: 'game',
      correlationId: 'sample-correlation',
      causationId: 'sample-correlation',
      schemaVersion: '1',
    });
  });

  it('carries the trace it belongs to', () => {
    const request = { stream: 's', firstRevision: 0, prevHash: zeroHash, events: [sampleEnded()], context };
    const [event] = encodeEvents(request, { clock, ids });
    expect(event?.metadata.traceparent).toBe(context.traceparent);
  });

  it.each([sampleRequested(), sampleCompleted(), sampleCancelled({ partial: 'I was' })])(
    'is never $type without a data key',
    (event) => {
      const request = { stream: 's', firstRevision: 0, prevHash: zeroHash, events: [event], context };
      expect(() => encodeEvents(request, { clock, ids })).toThrow(code('invariant_broken'));
    },
  );

  it('seals two equal texts differently', async () => {
    const dataKey = { keyId: ids.uuid(), key: ids.randomBytes(32) };
    const event = sampleCancelled({ partial: 'I was' });
    const request = { stream: 's', firstRevision: 0, prevHash: zeroHash, events: [event, event], context, dataKey };
    const [one, other] = encodeEvents(request, { clock, ids });
    expect(one?.data).not.toBe(other?.data);
  });
});

describe('what a reader opens', () => {
  const opened = async (stream: string) =>
    Promise.all((await log.readStream(stream)).map((event) => openSessionEvent(event, vault)));

  it('is what was said', async () => {
    const [, requested, , completed] = await opened(await playedSession());
    expect(requested?.data).toMatchObject({
      text: secrets.text,
      state: { rev: 1, data: { clue: secrets.clue } },
      metadata: { quest: secrets.clue },
      overrides: { stop: [secrets.stop] },
    });
    expect(completed?.data).toMatchObject({ reply: secrets.reply });
  });

  it('is null once the key is destroyed', async () => {
    const stream = await playedSession();
    eraseKeys();
    const [, requested, , completed] = await opened(stream);
    expect(requested?.data).toMatchObject({ text: null, state: { rev: 1, data: null }, overrides: { stop: null } });
    expect(completed?.data).toMatchObject({ reply: null, finishReason: 'stop' });
  });

  it('is refused when a sealed value was moved to another event', async () => {
    const stream = await playedSession();
    const [, requested] = await log.readStream(stream);
    const moved = { ...requested, eventId: ids.uuid() } as StoredEvent;
    await expect(openSessionEvent(moved, vault)).rejects.toThrow(code('event_invalid'));
  });

  it('does not take a sealed-looking text for a sealed value', async () => {
    const sessionId = await startSample(ports());
    const lookalike = { v: 1, keyId: 'k', iv: 'i', tag: 't', ciphertext: 'c' };
    await requestSample(ports(), sessionId, { metadata: { inner: lookalike } });
    const [, requested] = await opened(sessionStream(sessionId));
    expect(requested?.data).toMatchObject({ metadata: { inner: lookalike } });
  });
});

describe('a session whose key is destroyed', () => {
  it('takes no further turn', async () => {
    const sessionId = await startSample(ports());
    eraseKeys();
    const command = sampleRequest({ speaker: { kind: 'game' }, bodyHmac: sampleHmac });
    const asked = ledger.sessions.transact(sessionStream(sessionId), (state) => requestTurn(command, state), {
      context,
    });
    await expect(asked).rejects.toThrow(code('player_erased'));
    expect(await log.readStream(sessionStream(sessionId))).toHaveLength(1);
  });
});

describe('outsideIds', () => {
  const register = async (externalId: string) => {
    const { playerId, keyId } = await vault.identifyPlayer(externalId);
    const command = { externalId, keyId };
    await ledger.players.transact(playerStream(playerId), (state) => registerPlayer(command, state), { context });
    return { kind: 'player', playerId } as const;
  };

  it('gives players the names their game knows them by', async () => {
    const [one, other] = [await register('player:42'), await register('player:43')];
    const found = await outsideIds({ ledger, vault }, [one, { kind: 'npc', scenarioId: 'tavern' }, other, one]);
    expect(Object.fromEntries(found)).toEqual({ [one.playerId]: 'player:42', [other.playerId]: 'player:43' });
  });

  it('has no name for a player who was erased or never seen', async () => {
    const one = await register('player:42');
    const stranger = { kind: 'player', playerId: ids.uuid() } as const;
    eraseKeys();
    const found = await outsideIds({ ledger, vault }, [one, stranger]);
    expect([...found.values()]).toEqual([null, null]);
  });
});
