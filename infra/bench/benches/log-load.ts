import { randomUUID } from 'node:crypto';
import { TurnledgerError } from '@turnledger/shared/contracts';
import type { EncodedEvent, EventLog } from '@turnledger/shared/ports';

/** Something that takes events and gives them back. */
export interface LogContender {
  readonly name: string;
  /** The contender that its rates are divided by; absent for one that is such. */
  readonly against?: string;
  /** It differs from that one in its appends alone, so its reads are not measured. */
  readonly isOfAppends?: boolean;
  /** Appends one event behind `revision` (-1 for none yet) of a stream; durable when it resolves. Rejects when it was not taken. */
  append(stream: string, revision: number, event: EncodedEvent): Promise<void>;
  /** Up to `count` events of a stream from its start; how many there were. */
  read(stream: string, count: number): Promise<number>;
  /** Every event in the log's order; how many there were. */
  scan(): Promise<number>;
  close(): Promise<void>;
}

const READ_EVENTS = 20;
/** In one round: the log in memory takes 80,000 a second and keeps every one. */
const MAX_APPENDS = 10_000;

/** One of our adapters, through its port. */
export function adapterContender(name: string, log: EventLog, against: string): LogContender {
  return {
    name,
    against,
    async append(stream, revision, event) {
      const result = await log.append(stream, revision < 0 ? 'no_stream' : revision, [event]);
      if (result.outcome !== 'ok')
        throw new TurnledgerError('invariant_broken', { detail: `${name} answered ${JSON.stringify(result)}` });
    },
    read: async (stream, count) => (await log.readStream(stream, { maxCount: count })).length,
    async scan() {
      const reading = new AbortController();
      let events = 0;
      for await (const item of log.subscribe({ after: 0n, signal: reading.signal })) {
        if (item.kind === 'caught_up') break;
        events += 1;
      }
      reading.abort();
      return events;
    },
    close: () => log.close(),
  };
}

/** As large as a recorded turn: some 500 bytes of data, 400 of metadata with its two hashes. */
const sampleEvent = (): EncodedEvent => ({
  eventId: randomUUID(),
  type: 'TurnRequested',
  data: JSON.stringify({ turnId: randomUUID(), position: 1, text: 'x'.repeat(380), tokens: 12, deadlineMs: 30_000 }),
  metadata: {
    recordedAt: '2026-01-01T00:00:00.000Z',
    correlationId: randomUUID(),
    actor: 'player:7',
    schemaVersion: '1',
    prevHash: 'a'.repeat(64),
    hash: 'b'.repeat(64),
  },
});

/** Streams that the last appends filled, for the reads behind them. */
const filled = new WeakMap<LogContender, readonly string[]>();

/** Appends a second of `inFlight` workers, each on a new stream of its own, one append after another. */
export async function appendRate(contender: LogContender, inFlight: number, seconds: number): Promise<number> {
  const streams = Array.from({ length: inFlight }, () => `session-${randomUUID()}`);
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  let appended = 0;
  await Promise.all(
    streams.map(async (stream) => {
      for (let revision = -1; performance.now() < endsAtMs && appended < MAX_APPENDS; revision += 1) {
        await contender.append(stream, revision, sampleEvent());
        appended += 1;
      }
    }),
  );
  filled.set(contender, streams);
  return (appended / (performance.now() - startedAtMs)) * 1_000;
}

/** Stream reads a second, over the streams of the last appends. */
export async function readRate(contender: LogContender, inFlight: number, seconds: number): Promise<number> {
  const streams = filled.get(contender) ?? [];
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  let reads = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async (_, worker) => {
      // A log in memory answers without leaving this turn of the event loop, so the clock is looked at each time.
      for (let turn = worker; performance.now() < endsAtMs; turn += 1) {
        const events = await contender.read(streams[turn % streams.length] ?? '', READ_EVENTS);
        if (events === 0) throw new TurnledgerError('invariant_broken', { detail: `${contender.name} lost a stream` });
        reads += 1;
      }
    }),
  );
  return (reads / (performance.now() - startedAtMs)) * 1_000;
}

/** Events a second of one reader over the whole log. */
export async function scanRate(contender: LogContender): Promise<number> {
  const startedAtMs = performance.now();
  const events = await contender.scan();
  return (events / (performance.now() - startedAtMs)) * 1_000;
}
