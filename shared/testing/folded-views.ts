import { parseStream, views } from '../contracts/index.ts';
import {
  evolveSessionRecord,
  evolveTurnRecord,
  type ScenarioEvent,
  type SessionEvent,
  type SessionRecord,
  type TurnRecord,
  turnIdOf,
} from '../domain/index.ts';
import type { EventLog, RecordedEvent, ViewRow, ViewStore } from '../ports/index.ts';
import { decodePlaced } from '../runtime/index.ts';
import { eventsThrough } from './event-log-following.ts';

/** What each view holds, by key, as it follows from the events alone. */
export interface FoldedViews {
  readonly sessions: Map<string, SessionRecord<'sealed'>>;
  readonly turns: Map<string, TurnRecord<'sealed'>>;
  readonly scenarioVersions: Map<string, { readonly revision: number }>;
}

/**
 * Folds a log into views in the plainest way there is: every event once, in order, in memory. What projectors with their batches, crashes
 * and rivals come to must equal this (invariant R4).
 */
export async function foldViews(log: EventLog): Promise<FoldedViews> {
  const folded: FoldedViews = { sessions: new Map(), turns: new Map(), scenarioVersions: new Map() };
  for (const recorded of await eventsThrough(log, await log.headPosition())) {
    const stream = parseStream(recorded.stream);
    if (stream?.kind === 'session') foldSession(folded, recorded, stream.id);
    if (stream?.kind === 'scenario') foldScenario(folded, recorded, stream.id);
  }
  return folded;
}

function foldSession({ sessions, turns }: FoldedViews, recorded: RecordedEvent, sessionId: string): void {
  const event = decodePlaced(recorded) as SessionEvent<'sealed'>;
  const context = { sessionId, revision: recorded.revision, recordedAt: recorded.metadata.recordedAt ?? '' };
  const session = evolveSessionRecord(sessions.get(sessionId), event, context);
  if (!session) return;
  sessions.set(sessionId, session);
  const turnId = turnIdOf(event);
  if (turnId === undefined) return;
  const known = turns.get(turnId);
  const turn = evolveTurnRecord<'sealed'>(known, event, { ...context, scenarioId: session.scenarioId });
  if (!turn) return;
  const deadlineAtMs = recorded.loggedAtMs + turn.deadlineMs;
  const facts = { loggedAtMs: recorded.loggedAtMs, deadlineAtMs, correlationId: recorded.metadata.correlationId };
  turns.set(turnId, known ? { ...known, ...turn } : { ...turn, ...facts });
}

function foldScenario({ scenarioVersions }: FoldedViews, recorded: RecordedEvent, scenarioId: string): void {
  const { type, data } = decodePlaced(recorded) as ScenarioEvent;
  const { version } = data;
  const key = `${scenarioId}@${version}`;
  const { revision } = recorded;
  const known = scenarioVersions.get(key);
  const configuredAt = recorded.metadata.recordedAt;
  const change = type === 'ScenarioRetired' ? { isRetired: true } : { promotedRevision: revision };
  const row = known
    ? { ...known, ...change }
    : { scenarioId, version, config: data, promotedRevision: null, isRetired: false, configuredAt };
  scenarioVersions.set(key, { ...row, revision });
}

/** Puts the views of a whole log into an empty store, for tests of what reads them. */
export async function fillViews(store: ViewStore, log: EventLog): Promise<void> {
  const { sessions, turns, scenarioVersions } = await foldViews(log);
  await store.prepare(Object.values(views));
  const changes = [
    { view: views.sessions, rows: rowsOf(sessions, (key) => `session-${key}`) },
    { view: views.turns, rows: rowsOf(turns, (_key, record) => `session-${record.sessionId}`) },
    {
      view: views.scenarioVersions,
      rows: rowsOf(scenarioVersions, (key) => `scenario-${key.slice(0, key.indexOf('@'))}`),
    },
  ];
  await store.commit(changes, { from: await store.checkpoint(views.sessions), to: await log.headPosition() });
}

const rowsOf = <Held extends { readonly revision: number }>(
  held: ReadonlyMap<string, Held>,
  streamOf: (key: string, record: Held) => string,
): readonly ViewRow[] =>
  [...held].map(([key, record]) => ({
    key,
    stream: streamOf(key, record),
    revision: record.revision,
    record: JSON.stringify(record),
  }));
