import { isTurnledgerError, parseStream } from '@turnledger/shared/contracts';
import type { SessionRecord } from '@turnledger/shared/domain';
import type { RecordedEvent, ViewChange, ViewRow, ViewStore } from '@turnledger/shared/ports';
import { decodePlaced, type Log } from '@turnledger/shared/runtime';
import { sessionsView } from './sessions-view.ts';
import type { ViewEvent, ViewFold } from './view-fold.ts';

type AnyFold = ViewFold<{ readonly revision: number }>;

/** Events in their newest shape. One that cannot be read is reported and left out: its neighbours go on. */
export function toViewEvents(recorded: readonly RecordedEvent[], log: Log): readonly ViewEvent[] {
  return recorded.flatMap((one) => {
    const stream = parseStream(one.stream);
    if (!stream) return [];
    try {
      return [{ recorded: one, event: decodePlaced(one), aggregateId: stream.id }];
    } catch (cause) {
      if (!isTurnledgerError(cause)) throw cause;
      log.error(
        { code: cause.code, stream: one.stream, revision: one.revision, type: one.type },
        'an event cannot be projected',
      );
      return [];
    }
  });
}

/**
 * What a batch changes in some views: rows are read once, folded in log order and handed back whole. The sessions view is always read,
 * for a turn's row repeats its session's scenario.
 */
export async function foldBatch(
  store: ViewStore,
  folds: readonly AnyFold[],
  events: readonly ViewEvent[],
): Promise<readonly ViewChange[]> {
  const sessionIds = new Set(events.flatMap((event) => sessionsView.keysOf(event)));
  const sessions = await load<SessionRecord<'sealed'>>(store, sessionsView.definition, sessionIds);
  const changes: ViewChange[] = [];
  for (const fold of folds) {
    const keys = new Set(events.flatMap((event) => fold.keysOf(event)));
    const isSessions = fold.definition.name === sessionsView.definition.name;
    const records = isSessions
      ? new Map(sessions)
      : await load<{ readonly revision: number }>(store, fold.definition, keys);
    const streams = new Map<string, string>();
    const seen = new Map(sessions);
    for (const event of events) {
      const { revision, stream } = event.recorded;
      const session = advanceSession(seen, event);
      for (const key of fold.keysOf(event)) {
        const known = records.get(key);
        // A batch read again after a lost connection must not be folded twice into rows that were written.
        if (known && known.revision >= revision) continue;
        const next = fold.evolve(known, event, session);
        if (next) {
          records.set(key, next);
          streams.set(key, stream);
        }
      }
    }
    changes.push({
      view: fold.definition,
      rows: [...streams].map(([key, stream]) => toRow(key, stream, records.get(key))),
    });
  }
  return changes;
}

/** The session an event belongs to, with the event folded in. */
function advanceSession(
  sessions: Map<string, SessionRecord<'sealed'>>,
  event: ViewEvent,
): SessionRecord<'sealed'> | undefined {
  const [sessionId] = sessionsView.keysOf(event);
  if (sessionId === undefined) return undefined;
  const known = sessions.get(sessionId);
  if (known && known.revision >= event.recorded.revision) return known;
  const next = sessionsView.evolve(known, event, undefined);
  if (next) sessions.set(sessionId, next);
  return next;
}

async function load<Record>(
  store: ViewStore,
  view: AnyFold['definition'],
  keys: ReadonlySet<string>,
): Promise<Map<string, Record>> {
  const rows = keys.size > 0 ? await store.rows(view, [...keys]) : [];
  return new Map(rows.map(({ key, record }) => [key, JSON.parse(record) as Record]));
}

const toRow = (key: string, stream: string, record: { readonly revision: number } | undefined): ViewRow => ({
  key,
  stream,
  revision: record?.revision ?? 0,
  record: JSON.stringify(record),
});
