import { limits, positionToken, sessionStream, turnDocument } from '@turnledger/shared/contracts';
import { evolveTurnRecord, isTerminal, type SessionEvent, type TurnRecord, turnIdOf } from '@turnledger/shared/domain';
import type { KeyVault, StoredEvent } from '@turnledger/shared/ports';
import { type Ledger, openSessionEvent, shownOfFailed } from '@turnledger/shared/runtime';
import { saidBetween } from './recorded-pace.ts';

/** Turns of a session to re-render, as they stood at one of its revisions. */
export interface RecordedStretch {
  readonly sessionId: string;
  readonly scenarioId: string;
  /** Where to begin to read: no later than the request of the first turn; default 0. */
  readonly fromRevision?: number;
  readonly revision: number;
  /** The turns that are wanted, in order: those of one history. */
  readonly turnIds: readonly string[];
}

/** An event of a live stream, made again, and when it was, milliseconds since the epoch. */
export interface TimedEvent {
  readonly event: string;
  readonly data: object;
  /** The attempt that it belongs to; 0 before the first. */
  readonly attempt: number;
  readonly atMs: number;
}

/** A turn that is being shown. */
interface OpenTurn {
  readonly record: TurnRecord<'opened'>;
  readonly attempt: number;
  /** Version of the attempt's prompt; 0 before the first. */
  readonly assembler: number;
  readonly startedAtMs: number;
  /** What the attempt said was shown when it failed, and stands again in the turn's ending. */
  readonly isSaid: boolean;
}

type Opened = SessionEvent<'opened'>;

/**
 * What followers of some turns of a session were shown, in order, made from its recorded events. Holds one page of events and the turns that
 * are open. Throws `store_unavailable`.
 */
export async function* recordedEvents(
  { ledger, vault }: { readonly ledger: Ledger; readonly vault: KeyVault },
  { sessionId, scenarioId, fromRevision = 0, revision, turnIds }: RecordedStretch,
): AsyncGenerator<TimedEvent, void> {
  const stream = sessionStream(sessionId);
  const open = new Map<string, OpenTurn>();
  const { pageEvents } = limits.replay;
  const wanted = new Set(turnIds);
  const lastTurnId = turnIds.at(-1);
  for (let from = fromRevision; from <= revision; from += pageEvents) {
    for (const stored of await ledger.sessions.events(stream, from, Math.min(from + pageEvents - 1, revision))) {
      const event: Opened = await openSessionEvent(stored, vault);
      const turnId = turnIdOf(event);
      const known = turnId === undefined ? undefined : open.get(turnId);
      if (turnId === undefined || !wanted.has(turnId)) continue;
      const turn = advance(known, event, stored, { sessionId, scenarioId });
      if (!turn) continue;
      yield* shown(event, turn, known, stored);
      open.set(turnId, turn);
      if (!isTerminal(turn.record.status)) continue;
      open.delete(turnId);
      if (turnId === lastTurnId) return;
    }
  }
}

const timeOf = ({ metadata }: StoredEvent) => Date.parse(metadata.recordedAt ?? '');

function advance(
  known: OpenTurn | undefined,
  event: Opened,
  stored: StoredEvent,
  session: { readonly sessionId: string; readonly scenarioId: string },
): OpenTurn | undefined {
  const context = { ...session, revision: stored.revision, recordedAt: stored.metadata.recordedAt ?? '' };
  const record = evolveTurnRecord<'opened'>(known?.record, event, context);
  if (!record) return undefined;
  if (event.type === 'TurnStarted')
    return {
      record,
      attempt: event.data.attempt,
      assembler: event.data.prompt.assembler,
      startedAtMs: timeOf(stored),
      isSaid: false,
    };
  const { attempt = 0, assembler = 0, startedAtMs = timeOf(stored), isSaid = false } = known ?? {};
  return { record, attempt, assembler, startedAtMs, isSaid: isSaid || event.type === 'TurnAttemptFailed' };
}

/** What an event of the log was to a follower. */
function* shown(
  event: Opened,
  { record, attempt, assembler, startedAtMs }: OpenTurn,
  known: OpenTurn | undefined,
  stored: StoredEvent,
): Generator<TimedEvent, void> {
  const atMs = timeOf(stored);
  const { turnId, sessionId, scenarioId, scenarioVersion, position } = record;
  if (event.type === 'TurnRequested') {
    const scenario = { id: scenarioId, version: scenarioVersion };
    const data = { turn_id: turnId, session_id: sessionId, position, scenario };
    yield { event: 'turn.requested', data, attempt, atMs };
  }
  if (event.type === 'TurnStarted') {
    const data = { turn_id: turnId, attempt, model: event.data.calls.at(-1)?.model };
    yield { event: 'turn.started', data, attempt, atMs };
  }
  const said = known?.isSaid ? undefined : textOf(event, assembler);
  const [fromMs, toMs] =
    event.type === 'TurnCompleted'
      ? [startedAtMs + event.data.ttftMs, startedAtMs + event.data.durationMs]
      : [startedAtMs, atMs];
  for (const group of saidBetween(said ?? '', fromMs, toMs)) {
    yield { event: 'reply.delta', data: { turn_id: turnId, attempt, text: group.text }, attempt, atMs: group.atMs };
  }
  if (!isTerminal(record.status)) return;
  const log_position = positionToken({ stream: stored.stream, revision: stored.revision });
  yield { event: `turn.${record.status}`, data: { ...turnDocument(record), log_position }, attempt, atMs };
}

function textOf(event: Opened, assembler: number): string | null | undefined {
  if (event.type === 'TurnCompleted') return event.data.reply;
  if (event.type === 'TurnAttemptFailed') return event.data.reply && shownOfFailed(event.data.reply, assembler);
  return 'partial' in event.data ? event.data.partial : undefined;
}
