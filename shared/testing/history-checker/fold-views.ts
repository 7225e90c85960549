import { parseStream, views } from '../../contracts/index.ts';
import type { PlayerEvent, RerunEvent, ScenarioEvent, SessionEvent } from '../../domain/index.ts';
import { evolvePlayerRecord, evolveRerunRecord, type PlayerRecord, type RerunRecord } from '../../domain/index.ts';
import type { RecordedEvent, ViewDefinition } from '../../ports/index.ts';
import { decodePlaced } from '../../runtime/index.ts';
import { foldSession, type SessionRows } from './fold-session-views.ts';
import type { ViewContent } from './history.ts';
import { RowTable } from './row-table.ts';

/**
 * What every view must hold, folded in memory from the first event on, one event at a time, without batches, checkpoints or stores. Never
 * throws for a well-formed log.
 */
export function foldViews(log: readonly RecordedEvent[]): readonly ViewContent[] {
  const rows: SessionRows = {
    sessions: new RowTable(),
    turns: new RowTable(),
    llmCalls: new RowTable(),
    gameStates: new RowTable(),
    usageDaily: new RowTable(),
  };
  const players = new RowTable<PlayerRecord<'sealed'>>();
  const versions = new RowTable<{ readonly revision: number }>();
  const reruns = new RowTable<RerunRecord>();
  for (const recorded of log) {
    const { kind, id = '' } = parseStream(recorded.stream) ?? {};
    if (kind === 'session') foldSession(id, recorded, decodePlaced(recorded) as SessionEvent<'sealed'>, rows);
    if (kind === 'scenario') foldScenario(id, recorded, versions);
    if (kind === 'player') foldPlayer(id, recorded, players);
    if (kind === 'rerun') foldRerun(id, recorded, reruns);
  }
  const content = (view: ViewDefinition, table: Pick<RowTable<never>, 'rows'>) => ({ view, rows: table.rows() });
  return [
    content(views.sessions, rows.sessions),
    content(views.turns, rows.turns),
    content(views.llmCalls, rows.llmCalls),
    content(views.gameStates, rows.gameStates),
    content(views.players, players),
    content(views.scenarioVersions, versions),
    content(views.usageDaily, rows.usageDaily),
    content(views.reruns, reruns),
  ];
}

function foldPlayer(playerId: string, recorded: RecordedEvent, players: RowTable<PlayerRecord<'sealed'>>): void {
  const { stream, revision, metadata } = recorded;
  const event = decodePlaced(recorded) as PlayerEvent<'sealed'>;
  const context = { playerId, revision, recordedAt: metadata.recordedAt ?? '' };
  const player = evolvePlayerRecord(players.get(playerId), event, context);
  if (player) players.set(playerId, stream, player);
}

function foldRerun(rerunId: string, recorded: RecordedEvent, reruns: RowTable<RerunRecord>): void {
  const { stream, revision, metadata } = recorded;
  const context = { rerunId, revision, recordedAt: metadata.recordedAt ?? '' };
  const rerun = evolveRerunRecord(reruns.get(rerunId), decodePlaced(recorded) as RerunEvent, context);
  if (rerun) reruns.set(rerunId, stream, rerun);
}

function foldScenario(
  scenarioId: string,
  recorded: RecordedEvent,
  versions: RowTable<{ readonly revision: number }>,
): void {
  const { stream, revision, metadata } = recorded;
  const { type, data } = decodePlaced(recorded) as ScenarioEvent;
  const key = `${scenarioId}@${data.version}`;
  const before = versions.get(key);
  if (type !== 'ScenarioConfigured') {
    if (before) versions.set(key, stream, Object.assign({}, before, changeOf(type, revision), { revision }));
    return;
  }
  const row = { scenarioId, version: data.version, config: data, promotedRevision: null, isRetired: false };
  versions.set(key, stream, Object.assign(row, { configuredAt: metadata.recordedAt ?? '', revision }));
}

/** What a scenario's event changes about the version that it names, beside the revision: of a gate, nothing. */
function changeOf(type: Exclude<ScenarioEvent['type'], 'ScenarioConfigured'>, revision: number): object {
  switch (type) {
    case 'ScenarioVersionPromoted':
      return { promotedRevision: revision };
    case 'ScenarioRetired':
      return { isRetired: true };
    case 'ScenarioGateOpened':
    case 'ScenarioGateClosed':
      return {};
  }
}
