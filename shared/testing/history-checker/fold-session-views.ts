import {
  type CallRecord,
  callIdsOf,
  countedVersion,
  evolveCallRecord,
  evolveSessionRecord,
  evolveTurnRecord,
  evolveUsageRecord,
  type GameStateRecord,
  gameStateOf,
  type SessionEvent,
  type SessionRecord,
  type TurnRecord,
  turnIdOf,
  type UsageRecord,
  usageKey,
  usageOf,
} from '../../domain/index.ts';
import type { RecordedEvent } from '../../ports/index.ts';
import type { RowTable } from './row-table.ts';

/** What a turn's row has beside its record. */
interface FoldedTurn extends TurnRecord<'sealed'> {
  readonly loggedAtMs?: number;
  readonly deadlineAtMs?: number;
  readonly correlationId?: string;
  readonly lastCall?: { readonly model: string; readonly endpoint: string };
}

/** The views that sessions feed. */
export interface SessionRows {
  readonly sessions: RowTable<SessionRecord<'sealed'>>;
  readonly turns: RowTable<FoldedTurn>;
  readonly llmCalls: RowTable<CallRecord>;
  readonly gameStates: RowTable<GameStateRecord<'sealed'>>;
  readonly usageDaily: RowTable<UsageRecord>;
}

/** Folds one event of a session into every view that it feeds. */
export function foldSession(
  sessionId: string,
  recorded: RecordedEvent,
  event: SessionEvent<'sealed'>,
  rows: SessionRows,
): void {
  const { stream, revision, metadata } = recorded;
  const context = { sessionId, revision, recordedAt: metadata.recordedAt ?? '' };
  const session = evolveSessionRecord(rows.sessions.get(sessionId), event, context);
  if (!session) return;
  rows.sessions.set(sessionId, stream, session);
  const state = gameStateOf(event, context);
  if (state) rows.gameStates.set(state.turnId, stream, state);
  const turn = foldTurn(recorded, event, session, rows.turns);
  const { scenarioId, gameId } = session;
  const playerId = turn?.speaker.kind === 'player' ? turn.speaker.playerId : undefined;
  for (const callId of callIdsOf(event)) {
    const facts = { ...context, callId, gameId, scenarioId, scenarioVersion: turn?.scenarioVersion ?? 0, playerId };
    const call = evolveCallRecord(rows.llmCalls.get(callId), event, facts);
    if (call) rows.llmCalls.set(callId, stream, call);
  }
  foldUsage(recorded, event, { ...context, gameId, scenarioId, turn }, rows);
}

function foldTurn(
  { stream, revision, metadata, loggedAtMs }: RecordedEvent,
  event: SessionEvent<'sealed'>,
  { sessionId, scenarioId }: SessionRecord<'sealed'>,
  turns: RowTable<FoldedTurn>,
): FoldedTurn | undefined {
  const turnId = turnIdOf(event);
  if (turnId === undefined) return undefined;
  const before = turns.get(turnId);
  const context = { sessionId, scenarioId, revision, recordedAt: metadata.recordedAt ?? '' };
  const record = evolveTurnRecord<'sealed'>(before, event, context);
  if (!record) return undefined;
  const added =
    event.type === 'TurnRequested'
      ? { loggedAtMs, deadlineAtMs: loggedAtMs + record.deadlineMs, correlationId: metadata.correlationId ?? '' }
      : before;
  const planned = event.type === 'TurnStarted' ? event.data.calls.at(-1) : undefined;
  const lastCall = planned && { lastCall: { model: planned.model, endpoint: planned.endpoint } };
  const turn: FoldedTurn = { ...added, ...record, ...lastCall };
  turns.set(turnId, stream, turn);
  return turn;
}

function foldUsage(
  { position }: RecordedEvent,
  event: SessionEvent<'sealed'>,
  {
    turn,
    ...facts
  }: Pick<Parameters<typeof usageOf>[1], 'recordedAt' | 'gameId' | 'scenarioId'> & {
    readonly turn: FoldedTurn | undefined;
  },
  { llmCalls, usageDaily }: SessionRows,
): void {
  const callId = 'callId' in event.data ? event.data.callId : undefined;
  const call = callId === undefined ? undefined : llmCalls.get(callId);
  const scenarioVersion = countedVersion(event, turn, call);
  if (scenarioVersion === undefined) return;
  const changes = usageOf(event, { ...facts, scenarioVersion, call, lastCall: turn?.lastCall });
  for (const key of new Set(changes.map(({ group }) => usageKey(group)))) {
    const [first, ...others] = changes.filter(({ group }) => usageKey(group) === key);
    if (first) usageDaily.set(key, key, evolveUsageRecord(usageDaily.get(key), [first, ...others], position));
  }
}
