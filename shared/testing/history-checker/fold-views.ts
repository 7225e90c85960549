import { views } from '../../contracts/index.ts';
import {
  evolveSessionRecord,
  evolveTurnRecord,
  type ScenarioEvent,
  type SessionEvent,
  type SessionRecord,
  type TurnRecord,
} from '../../domain/index.ts';
import type { RecordedEvent, ViewRow } from '../../ports/index.ts';
import { decodePlaced } from '../../runtime/index.ts';
import type { ViewContent } from './history.ts';

interface HeldRow {
  readonly stream: string;
  readonly record: { readonly revision: number };
}

const rowsOf = (held: ReadonlyMap<string, HeldRow>): readonly ViewRow[] =>
  [...held].map(([key, { stream, record }]) => ({
    key,
    stream,
    revision: record.revision,
    record: JSON.stringify(record),
  }));

/**
 * What every view must hold, folded in memory from the first event on, one event at a time, without batches, checkpoints or stores. Never
 * throws for a well-formed log.
 */
export function foldViews(log: readonly RecordedEvent[]): readonly ViewContent[] {
  const sessions = new Map<string, HeldRow & { readonly record: SessionRecord<'sealed'> }>();
  const turns = new Map<string, HeldRow & { readonly record: TurnRecord<'sealed'> }>();
  const versions = new Map<string, HeldRow>();
  for (const recorded of log) {
    const [kind, id] = [
      recorded.stream.slice(0, recorded.stream.indexOf('-')),
      recorded.stream.slice(recorded.stream.indexOf('-') + 1),
    ];
    if (kind === 'session') foldSession(id, recorded, sessions, turns);
    if (kind === 'scenario') foldScenario(id, recorded, versions);
  }
  return [
    { view: views.sessions, rows: rowsOf(sessions) },
    { view: views.turns, rows: rowsOf(turns) },
    { view: views.scenarioVersions, rows: rowsOf(versions) },
  ];
}

function foldSession(
  sessionId: string,
  recorded: RecordedEvent,
  sessions: Map<string, HeldRow & { readonly record: SessionRecord<'sealed'> }>,
  turns: Map<string, HeldRow & { readonly record: TurnRecord<'sealed'> }>,
): void {
  const { stream, revision, metadata, loggedAtMs } = recorded;
  const event = decodePlaced(recorded) as SessionEvent<'sealed'>;
  const recordedAt = metadata.recordedAt ?? '';
  const session = evolveSessionRecord(sessions.get(sessionId)?.record, event, { sessionId, revision, recordedAt });
  if (!session) return;
  sessions.set(sessionId, { stream, record: session });
  if (!('turnId' in event.data)) return;
  const { turnId } = event.data;
  const { scenarioId } = session;
  const before = turns.get(turnId)?.record;
  const turn = evolveTurnRecord(before, event, { sessionId, scenarioId, revision, recordedAt });
  if (!turn) return;
  const clocked =
    event.type === 'TurnRequested'
      ? { loggedAtMs, deadlineAtMs: loggedAtMs + turn.deadlineMs, correlationId: metadata.correlationId ?? '' }
      : before;
  turns.set(turnId, { stream, record: { ...clocked, ...turn } });
}

function foldScenario(scenarioId: string, recorded: RecordedEvent, versions: Map<string, HeldRow>): void {
  const { stream, revision, metadata } = recorded;
  const { type, data } = decodePlaced(recorded) as ScenarioEvent;
  const key = `${scenarioId}@${data.version}`;
  const before = versions.get(key);
  if (type !== 'ScenarioConfigured') {
    const change = type === 'ScenarioRetired' ? { isRetired: true } : { promotedRevision: revision };
    if (before) versions.set(key, { stream, record: Object.assign({}, before.record, change, { revision }) });
    return;
  }
  const record = {
    scenarioId,
    version: data.version,
    config: data,
    promotedRevision: null,
    isRetired: false,
    configuredAt: metadata.recordedAt ?? '',
    revision,
  };
  versions.set(key, { stream, record });
}
