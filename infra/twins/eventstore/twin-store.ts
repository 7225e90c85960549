import { randomUUID } from 'node:crypto';
import type { AppendFile } from './append-file.ts';
import { decideAppend, type Expectation, lastRevision } from './decide-append.ts';
import { type LoggedEvent, type LoggedWrite, type ProposedEvent, TOMBSTONE_REVISION } from './logged-event.ts';
import { createTwinLog, metastreamOf, type TwinLog } from './twin-log.ts';

/** What became of a write; `last` is undefined for one without events. */
export type WriteOutcome =
  | { readonly outcome: 'ok'; readonly last: LoggedEvent | undefined; readonly revision: bigint }
  /** -1 for a stream that has no event. */
  | { readonly outcome: 'conflict'; readonly currentRevision: bigint }
  | { readonly outcome: 'deleted' };

/** The log with the server's rules over it; every answer is given when what it says is safe. */
export interface TwinStore {
  readonly log: TwinLog;
  /** Rejects when the file cannot be written; then nobody knows whether the events are in it. */
  append(stream: string, expected: Expectation, events: readonly ProposedEvent[]): Promise<WriteOutcome>;
  /** Hides all events of a stream until it is written again. */
  softDelete(stream: string, expected: Expectation): Promise<WriteOutcome>;
  /** Deletes a stream for good: its name is never taken again. */
  tombstone(stream: string, expected: Expectation): Promise<WriteOutcome>;
}

const systemEvent = (type: string, data: string): ProposedEvent => ({
  id: randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from(data),
  customMetadata: new Uint8Array(),
});

const truncation = (before: bigint) => systemEvent('$metadata', `{"$tb":${before}}`);

/** The ids of so many newest events are remembered for appends that expect nothing; the server has 8 MiB for them. */
const MAX_REMEMBERED_IDS = 100_000;

/** Puts the rules over a log: empty, or as a file says that it stood. Ids of an earlier run are not remembered, as on the real server. */
export const createTwinStore = (nowMs: () => number, file?: AppendFile): TwinStore => {
  const log = createTwinLog();
  for (const write of file?.replayed ?? []) log.write(write);
  log.show(log.length);
  const remembered = new Map<string, LoggedEvent>();

  const remember = (event: LoggedEvent) => {
    remembered.set(event.id, event);
    const oldest = remembered.size > MAX_REMEMBERED_IDS ? remembered.keys().next().value : undefined;
    if (oldest !== undefined) remembered.delete(oldest);
  };

  const write = (stream: string, events: readonly ProposedEvent[], isTombstone = false): LoggedEvent | undefined => {
    const one: LoggedWrite = { stream, events, isTombstone, createdAtMs: nowMs() };
    const written = log.write(one);
    for (const event of written) remember(event);
    file?.write(one);
    return written.at(-1);
  };

  /** Whoever is answered, also about what another wrote, is answered about what is on the disk. */
  const settle = async (outcome: WriteOutcome): Promise<WriteOutcome> => {
    const upTo = log.length;
    await file?.flushed();
    log.show(upTo);
    return outcome;
  };

  const conflict = (stream: string): WriteOutcome => ({
    outcome: 'conflict',
    currentRevision: lastRevision(log, stream),
  });

  const append: TwinStore['append'] = async (stream, expected, events) => {
    const decided = decideAppend(log, stream, expected, events, remembered);
    if (decided.decision === 'deleted') return settle({ outcome: 'deleted' });
    if (decided.decision === 'conflict') return settle(conflict(stream));
    if (decided.decision === 'repetition')
      return settle({ outcome: 'ok', last: decided.last, revision: decided.last.revision });
    if (decided.bringsBack) write(metastreamOf(stream), [truncation(lastRevision(log, stream) + 1n)]);
    const last = events.length === 0 ? undefined : write(stream, events);
    return settle({ outcome: 'ok', last, revision: lastRevision(log, stream) });
  };

  const refusal = (stream: string, expected: Expectation): WriteOutcome | undefined => {
    const { isTombstoned } = log.stream(stream);
    const current = lastRevision(log, stream);
    if (isTombstoned || (expected === 'stream_exists' && log.visibility(stream).isSoftDeleted))
      return { outcome: 'deleted' };
    const isAsExpected =
      expected === 'any' ||
      (expected === 'stream_exists' && current >= 0n) ||
      current === (expected === 'no_stream' ? -1n : expected);
    return isAsExpected ? undefined : conflict(stream);
  };

  return {
    log,
    append,
    async softDelete(stream, expected) {
      const refused = refusal(stream, expected);
      if (refused !== undefined) return settle(refused);
      const last = write(metastreamOf(stream), [truncation(TOMBSTONE_REVISION)]);
      return settle({ outcome: 'ok', last, revision: lastRevision(log, stream) });
    },
    async tombstone(stream, expected) {
      const refused = refusal(stream, expected);
      if (refused !== undefined) return settle(refused);
      const last = write(stream, [systemEvent('$streamDeleted', '{}')], true);
      return settle({ outcome: 'ok', last, revision: TOMBSTONE_REVISION });
    },
  };
};
