import { LRUCache } from 'lru-cache';
import { limits, sessionStream } from '../../contracts/index.ts';
import {
  evolveTurnRecord,
  isEffective,
  isTerminal,
  type SessionState,
  type TurnRecord,
  type TurnState,
  turnIdOf,
  turnOf,
} from '../../domain/index.ts';
import type { KeyVault, StoredEvent } from '../../ports/index.ts';
import type { AggregateStore } from './aggregate-store.ts';
import { openSessionEvents } from './opened-events.ts';
import { type HistoryTurn, isKeptBy, type SessionPoint } from './session-history.ts';

export interface TurnReaders {
  readonly sessions: AggregateStore<SessionState>;
  readonly vault: KeyVault;
}

/** The events of a session folded into the turns they name, opened, in the order in which the turns were requested. */
export async function foldTurns(
  events: readonly StoredEvent[],
  { sessionId, scenarioId }: { readonly sessionId: string; readonly scenarioId: string },
  vault: KeyVault,
): Promise<readonly TurnRecord<'opened'>[]> {
  const turns = new Map<string, TurnRecord<'opened'>>();
  const opened = await openSessionEvents(events, vault);
  for (const [index, event] of opened.entries()) {
    const turnId = turnIdOf(event);
    const stored = events[index];
    if (turnId === undefined || !stored) continue;
    const { revision, metadata } = stored;
    const context = { sessionId, scenarioId, revision, recordedAt: metadata.recordedAt ?? '' };
    const record = evolveTurnRecord(turns.get(turnId), event, context);
    if (record) turns.set(turnId, record);
  }
  return [...turns.values()];
}

/**
 * Ended turns that were read lately, by the state that they ended in: folded state never changes, so an event that still names the turn makes
 * another one. Reading a window of 20 turns anew for each prompt was an eighth of a turn's CPU.
 */
const ended = new LRUCache<TurnState, TurnRecord<'opened'>>({
  maxSize: limits.aggregate.openedBytes,
  sizeCalculation: ({ prompt, reply, partial }) =>
    1_024 + 2 * ((prompt?.length ?? 0) + (reply?.length ?? 0) + (partial?.length ?? 0)),
});

/**
 * Turns of a session as their recorded events tell them, in the order asked for. Null stands for what was erased, also where it was read
 * before. Throws `store_unavailable`.
 */
export async function readTurns(
  readers: TurnReaders,
  sessionId: string,
  state: SessionState,
  turns: readonly TurnState[],
): Promise<readonly TurnRecord<'opened'>[]> {
  const records = await readRecords(readers, { sessionId, state, throughRevision: state.revision }, turns);
  return turns.flatMap((turn) => shown(records.get(turn.turnId), isEffective(state, turn)));
}

/**
 * The same of a history that may begin in other sessions; those turns as they stood when the session was forked, and whether they are rewound
 * as this session has it. Throws `store_unavailable`.
 */
export async function readHistory(
  readers: TurnReaders,
  point: SessionPoint,
  history: readonly HistoryTurn[],
): Promise<readonly TurnRecord<'opened'>[]> {
  const stretches = new Map<string, HistoryTurn[]>();
  for (const past of history) stretches.set(past.sessionId, [...(stretches.get(past.sessionId) ?? []), past]);
  const found: TurnRecord<'opened'>[] = [];
  for (const stretch of stretches.values()) {
    const [first] = stretch;
    if (!first) continue;
    const turns = stretch.map(({ turn }) => turn);
    const records = await readRecords(readers, first, turns);
    found.push(...stretch.flatMap((past) => shown(records.get(past.turn.turnId), isKeptBy(point, past))));
  }
  return found;
}

const shown = (record: TurnRecord<'opened'> | undefined, isKept: boolean): readonly TurnRecord<'opened'>[] => {
  if (!record) return [];
  return [isKept ? record : { ...record, isRewound: true }];
};

async function readRecords(
  { sessions, vault }: TurnReaders,
  { sessionId, state, throughRevision }: Omit<HistoryTurn, 'turn'>,
  turns: readonly TurnState[],
): Promise<ReadonlyMap<string, TurnRecord<'opened'>>> {
  const isErased = (await vault.dataKey(state.keyId)).outcome === 'erased';
  // What a turn came to after a fork, as a verdict, is not the fork's: its record is another one.
  const isWhole = (turn: TurnState) => turn.lastRevision <= throughRevision;
  const found = new Map<string, TurnRecord<'opened'>>();
  const missing = turns.filter((turn) => {
    const known = isErased || !isWhole(turn) ? undefined : ended.get(turn);
    if (known) found.set(turn.turnId, known);
    return !known;
  });
  const [first] = missing;
  if (!first) return found;
  const from = missing.reduce((lowest, turn) => Math.min(lowest, turn.requestedRevision), first.requestedRevision);
  const through = missing.reduce((highest, turn) => Math.max(highest, turn.lastRevision), first.lastRevision);
  const events = await sessions.events(sessionStream(sessionId), from, Math.min(through, throughRevision));
  const records = await foldTurns(events, { sessionId, scenarioId: state.scenarioId }, vault);
  for (const turn of missing) {
    const record = records.find(({ turnId }) => turnId === turn.turnId);
    if (!record) continue;
    found.set(turn.turnId, record);
    if (!isErased && isTerminal(turn.status) && isWhole(turn)) ended.set(turn, record);
  }
  return found;
}

/** One turn as its recorded events tell it, or undefined when the session has no such turn. Throws `store_unavailable`. */
export async function readTurn(
  readers: TurnReaders,
  sessionId: string,
  state: SessionState,
  turnId: string,
): Promise<TurnRecord<'opened'> | undefined> {
  const turn = turnOf(state, turnId);
  return turn && (await readTurns(readers, sessionId, state, [turn]))[0];
}
