import { EventStoreDbLog } from '@turnledger/shared/adapters/eventstore';
import { readRequestTimes } from '@turnledger/shared/adapters/kafka';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { parseStream } from '@turnledger/shared/contracts';
import pg from 'pg';
import { type LedgerCounts, settledViewRows } from '../figures/ledger-counts.ts';
import { TurnTraces } from '../figures/turn-traces.ts';
import { type DistributedStage, TOPIC_PREFIX } from './distributed-stage.ts';

/** What a load left behind in the stores, read past the processes. */
export interface StoredTraces {
  readonly traces: TurnTraces;
  readonly counts: LedgerCounts;
  /** By turn, when the relay gave it to its Kafka client. */
  readonly sentAtMs: ReadonlyMap<string, number>;
}

/** Of either; a soak of ten minutes leaves some 100,000 events, which take 3 s. */
const READ_WITHIN_MS = 300_000;

const storeUrl = ({ running }: DistributedStage, variable: string): string =>
  running.stores.find((store) => store.variable === variable)?.url ?? '';

/** Reads log, topic and view of a stage whose load is over. Throws what they throw when they do not answer. */
export async function readTraces(stage: DistributedStage): Promise<StoredTraces> {
  const traces = await readLog(stage);
  const sentAtMs = await readRequestTimes({
    connection: { brokers: [storeUrl(stage, 'KAFKA_BROKERS')], clientId: 'turnledger-bench' },
    prefix: TOPIC_PREFIX,
    clock,
    ids,
    report: () => undefined,
    signal: AbortSignal.timeout(READ_WITHIN_MS),
  });
  const client = new pg.Client({ connectionString: storeUrl(stage, 'DATABASE_URL') });
  await client.connect();
  try {
    const viewRows = await settledViewRows(client, traces.counts.completed);
    return { traces, sentAtMs, counts: { ...traces.counts, viewRows } };
  } finally {
    await client.end();
  }
}

async function readLog(stage: DistributedStage): Promise<TurnTraces> {
  const log = new EventStoreDbLog({ url: storeUrl(stage, 'EVENTSTORE_URL'), prefix: stage.streamPrefix, clock });
  const traces = new TurnTraces();
  const reading = new AbortController();
  // What is missing then is missing in the parity.
  const signal = AbortSignal.any([reading.signal, AbortSignal.timeout(READ_WITHIN_MS)]);
  try {
    for await (const item of log.subscribe({ after: 0n, signal })) {
      if (item.kind === 'caught_up') break;
      if (parseStream(item.event.stream)?.kind === 'session') traces.note(item.event);
    }
    return traces;
  } finally {
    reading.abort();
    await log.close();
  }
}
