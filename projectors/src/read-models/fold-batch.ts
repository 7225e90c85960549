import { type CallRecord, type SessionEvent, type SessionRecord, turnIdOf } from '@turnledger/shared/domain';
import type { ViewChange, ViewDefinition, ViewRow } from '@turnledger/shared/ports';
import { llmCallsView } from './llm-calls-view.ts';
import { HeldRows, type RecentRows } from './recent-rows.ts';
import { sessionsView } from './sessions-view.ts';
import type { TurnRow } from './turn-row.ts';
import { turnsView } from './turns-view.ts';
import type { FoldedRow, LateFold, Surroundings, ViewEvent, ViewFold } from './view-fold.ts';

export type AnyFold = ViewFold<FoldedRow>;
export type AnyLateFold = LateFold<FoldedRow, unknown>;

/** Views to fold: the late ones over what the others have come to. */
export interface Folds {
  readonly folds: readonly AnyFold[];
  readonly late: readonly AnyLateFold[];
}

/** What a batch changes, and every row it was folded over. */
export interface FoldedBatch {
  readonly changes: readonly ViewChange[];
  readonly held: HeldRows;
}

/** Folded for every batch, written or not: the other views rest on their rows. */
const leading = [sessionsView, turnsView, llmCallsView] as readonly unknown[] as readonly AnyFold[];

/** Of each view the rows that a batch has changed, with the stream that each is from. */
type Streams = ReadonlyMap<ViewDefinition, Map<string, string>>;

/**
 * What a batch changes in some views. Rows are read once, and only those that no event of the batch starts; each is written once, as it
 * is at the end.
 */
export async function foldBatch(
  recent: RecentRows,
  { folds, late }: Folds,
  events: readonly ViewEvent[],
): Promise<FoldedBatch> {
  const held = new HeldRows();
  const streams: Streams = new Map([...folds, ...late].map(({ definition }) => [definition, new Map()]));
  const all = [...leading, ...folds.filter((fold) => !leading.includes(fold))];
  await recent.load(keysToRead(all, events), held);
  const surrounded = events.map((event) => ({ event, surroundings: foldEvent(all, event, held, streams) }));
  for (const fold of late) {
    const { definition } = fold;
    const changes = surrounded.map(({ event, surroundings }) => ({
      event,
      changes: fold.changesOf(event, surroundings),
    }));
    await recent.load(new Map([[definition, new Set(changes.flatMap((one) => [...one.changes.keys()]))]]), held);
    for (const { event, changes: byKey } of changes) {
      for (const [key, change] of byKey) {
        const next = fold.evolve(held.get(definition, key), change, event);
        if (!next) continue;
        held.set(definition, key, next);
        streams.get(definition)?.set(key, key);
      }
    }
  }
  const changes = [...streams].map(([view, changed]) => ({
    view,
    rows: [...changed].map(([key, stream]) => toRow(key, stream, held.get(view, key))),
  }));
  return { changes, held };
}

/** The keys of rows that are there before the batch. */
function keysToRead(folds: readonly AnyFold[], events: readonly ViewEvent[]) {
  const wanted = new Map<ViewDefinition, ReadonlySet<string>>();
  for (const fold of folds) {
    const [started, keys] = [new Set<string>(), new Set<string>()];
    for (const event of events) {
      const touched = fold.keysOf(event);
      if (touched.length === 0) continue;
      const isStart = fold.startsRows(event);
      for (const key of touched) {
        if (isStart) started.add(key);
        else if (!started.has(key)) keys.add(key);
      }
    }
    if (keys.size > 0) wanted.set(fold.definition, keys);
  }
  return wanted;
}

/** Folds an event into every row it touches; answers the rows it is about. */
function foldEvent(folds: readonly AnyFold[], event: ViewEvent, held: HeldRows, streams: Streams): Surroundings {
  const { revision, stream } = event.recorded;
  const surroundings = surroundingsOf(event, held);
  for (const fold of folds) {
    const { definition } = fold;
    for (const key of fold.keysOf(event)) {
      const row = held.get(definition, key);
      // After a checkpoint was set back, events come again that are folded into the stored rows already.
      if (row && row.revision >= revision) continue;
      const next = fold.evolve(row, event, surroundings, key);
      if (!next) continue;
      held.set(definition, key, next);
      streams.get(definition)?.set(key, stream);
    }
  }
  return surroundings;
}

/** The rows as they stand when they are asked for, since each leading view is folded over those before it. */
function surroundingsOf({ event, recorded, aggregateId }: ViewEvent, held: HeldRows): Surroundings {
  const isOfSession = recorded.stream.startsWith('session-');
  const turnId = isOfSession ? turnIdOf(event as SessionEvent<'sealed'>) : undefined;
  const callId = 'callId' in event.data ? event.data.callId : undefined;
  const find = (view: ViewDefinition, key: string | undefined) => (key === undefined ? undefined : held.get(view, key));
  return {
    get session() {
      return find(sessionsView.definition, isOfSession ? aggregateId : undefined) as
        | SessionRecord<'sealed'>
        | undefined;
    },
    get turn() {
      return find(turnsView.definition, turnId) as TurnRow | undefined;
    },
    get call() {
      return find(llmCallsView.definition, callId) as CallRecord | undefined;
    },
  };
}

const toRow = (key: string, stream: string, row: FoldedRow | undefined): ViewRow => ({
  key,
  stream,
  revision: row?.revision ?? 0,
  record: JSON.stringify(row),
});
