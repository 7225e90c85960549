import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import { openMemoryKeyVault } from '../../adapters/memory/index.ts';
import { eventSchemas } from '../../contracts/index.ts';
import {
  evolveRerun,
  evolveScenario,
  evolveSession,
  historyLength,
  initialRerun,
  initialScenario,
  initialSession,
  type RerunEvent,
  type ScenarioEvent,
  type SessionEvent,
} from '../../domain/index.ts';
import { decodeEvent, foldTurns, openSessionEvents } from '../../runtime/index.ts';
import { firstBrokenLink } from '../../trust/index.ts';
import { goldenEdition, goldenForks, goldenRepeats, goldenReruns, goldenSessions } from './golden-editions.ts';
import { goldenIds } from './golden-events.ts';
import { goldenFiles, readGolden } from './read-golden.ts';
import { goldenKey, goldenLines, recordGolden, schemaHashes } from './record-golden.ts';

const textOf = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const current = `version-${goldenEdition}`;

const ids = { uuid: () => goldenIds.key, randomBytes: (count: number) => Buffer.alloc(count) };
const vault = openMemoryKeyVault({
  ids,
  records: { players: new Map(), keys: new Map([[goldenIds.key, goldenKey]]) },
});

const streamOf = (file: string, prefix: string) => readGolden(file).filter(({ stream }) => stream.startsWith(prefix));
const sessionName = `session-${goldenIds.session}`;
const forkName = `session-${goldenIds.fork}`;
const repeatName = `rerunsession-${goldenIds.repeat}`;
const editionOf = (file: string) => Number.parseInt(file.slice('version-'.length), 10);

describe('the formats of today', () => {
  it('have every event in their golden file', () => {
    const recorded = new Set(readGolden(`${current}.jsonl`).map(({ type }) => type));
    expect([...recorded].sort()).toEqual(Object.keys(eventSchemas).sort());
  });

  it('are the bytes that were recorded: a change is a new version, with an upcaster and a golden file of its own', () => {
    expect(goldenLines(recordGolden())).toBe(textOf(`${current}.jsonl`));
  });

  it('are the schemas that were recorded: a change is a new version', () => {
    expect(schemaHashes()).toEqual(JSON.parse(textOf(`${current}.schemas.json`)));
  });
});

const withForks = goldenFiles().filter((file) => (goldenForks[editionOf(file) - 1] ?? []).length > 0);

test.each(withForks)('the fork of %s stands behind the turn that it was rewound to, which it began with', (file) => {
  const events = streamOf(file, forkName).map((event) => decodeEvent(event) as SessionEvent<'sealed'>);
  const state = events.reduce(evolveSession, initialSession);
  expect(state).toMatchObject({ status: 'open', inherited: { position: 1 }, turns: { size: 1 } });
  expect(state.lineage).toHaveLength(2);
  expect({ length: historyLength(state), isOwn: state.history !== undefined }).toEqual({ length: 1, isOwn: false });
});

const withReruns = goldenFiles().filter((file) => (goldenRepeats[editionOf(file) - 1] ?? []).length > 0);

describe.each(withReruns)('the re-runs of %s', (file) => {
  const reruns = Object.entries(goldenReruns[editionOf(file) - 1] ?? {});

  test.each(reruns)('%s is one chain, and what was recorded', (rerunId, events) => {
    const stored = streamOf(file, `rerun-${rerunId}`);
    expect(firstBrokenLink(stored)).toBeUndefined();
    expect(stored.map((event) => decodeEvent(event))).toEqual(events);
  });

  test('end as they ended', () => {
    const stateOf = (rerunId: string) =>
      streamOf(file, `rerun-${rerunId}`)
        .map((event) => decodeEvent(event) as RerunEvent)
        .reduce(evolveRerun, initialRerun);
    expect(stateOf(goldenIds.rerun)).toMatchObject({ status: 'cancelled', comparisons: { length: 3 } });
    expect(stateOf(goldenIds.failedRerun)).toMatchObject({ status: 'failed', code: 'model_unavailable' });
  });

  test('have a session that stands behind the recorded turns, in a stream that nobody follows', async () => {
    const stored = streamOf(file, repeatName);
    expect(firstBrokenLink(stored)).toBeUndefined();
    expect(await openSessionEvents(stored, vault)).toEqual(goldenRepeats[editionOf(file) - 1]);
    const events = stored.map((event) => decodeEvent(event) as SessionEvent<'sealed'>);
    const state = events.reduce(evolveSession, initialSession);
    expect(state).toMatchObject({ status: 'open', inherited: { position: 2 }, turns: { size: 2 } });
    expect(state).not.toHaveProperty('openTurnId');
    expect(historyLength(state)).toBe(4);
  });

  test('left gates on their scenario, and promoted nothing', () => {
    const scenario = streamOf(file, 'scenario-').map((event) => decodeEvent(event) as ScenarioEvent);
    const { gates, promotedVersion } = scenario.reduce(evolveScenario, initialScenario);
    expect(gates.map(({ outcome, missed }) => [outcome, missed.length])).toEqual([
      ['abandoned', 0],
      ['incomplete', 4],
    ]);
    expect(promotedVersion).toBe(1);
  });
});

describe.each(goldenFiles())('%s', (file) => {
  const session = goldenSessions[editionOf(file) - 1] ?? [];
  const fork = goldenForks[editionOf(file) - 1] ?? [];

  it('is read, every event of it', () => {
    for (const event of readGolden(file)) expect(decodeEvent(event).type).toBe(event.type);
  });

  it('is one chain a stream', () => {
    for (const prefix of ['scenario-', 'player-', sessionName, forkName])
      expect(firstBrokenLink(streamOf(file, prefix))).toBeUndefined();
  });

  it('opens to what was said', async () => {
    expect(await openSessionEvents(streamOf(file, sessionName), vault)).toEqual(session);
    expect(await openSessionEvents(streamOf(file, forkName), vault)).toEqual(fork);
  });

  it('folds to the turns that were recorded beside it', async () => {
    const place = { sessionId: goldenIds.session, scenarioId: 'lisbon-ledger.marta' };
    const turns = await foldTurns(streamOf(file, sessionName), place, vault);
    // A record may say more by now, and nothing else.
    expect(JSON.parse(JSON.stringify(turns))).toMatchObject(JSON.parse(textOf(file.replace('.jsonl', '.turns.json'))));
  });

  it('folds to the states that its streams ended in', () => {
    const sessions = streamOf(file, sessionName).map((event) => decodeEvent(event) as (typeof session)[number]);
    const state = sessions.reduce(evolveSession, initialSession);
    const size = session.filter(({ type }) => type === 'TurnRequested').length;
    expect(state).toMatchObject({ scenarioVersion: 2, revision: sessions.length - 1, turns: { size } });
    const isRewound = session.some(({ type }) => type === 'SessionRewound');
    expect({ status: state.status, length: state.history?.length ?? 0 }).toEqual(
      isRewound ? { status: 'open', length: 0 } : { status: 'ended', length: size },
    );
    const scenario = streamOf(file, 'scenario-').map((event) => decodeEvent(event));
    expect(scenario.reduce((state, event) => evolveScenario(state, event as never), initialScenario)).toMatchObject({
      isRetired: true,
      promotedVersion: 1,
      versions: [{ version: 1 }, { version: 2 }],
    });
  });
});
