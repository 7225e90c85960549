import { limits } from '@turnledger/shared/contracts';
import { kafkaHopMs } from '../figures/hop-times.ts';
import { percentile } from '../figures/percentiles.ts';
import type { BenchReport } from '../report/bench-report.ts';
import { figure } from '../report/markdown-table.ts';
import type { DistributedLoad, DistributedRun } from './distributed-run.ts';
import {
  costsTable,
  countedTable,
  hopsTable,
  memoryTable,
  ratesTable,
  sentToTakenMs,
  timesTable,
} from './distributed-tables.ts';

/** What a run came to, for people and for programs. */
export function distributedReport({
  stage: { members, stores },
  options,
  loads,
  memory,
  counts,
  sent,
  faults,
}: DistributedRun): BenchReport {
  const { answered, ...traces } = counts;
  const places = Object.entries({ ...traces, messages: sent }).map(([place, count]) => `${place} ${count}`);
  return {
    notes: [
      `one of each of ${members.flatMap(({ name, kind }) => (kind === 'service' ? [name] : [])).join(', ')}, beside them all engines, the model's twin and the load generator; ${stores.join('; ')}`,
      `${options.rounds} rounds of ${options.seconds} s each, JSON, contenders in turn; median (least–greatest)`,
      `conversations of ${options['turns-per-session']} turns, ${options['window-turns']} turns of history in a prompt, a new key a turn; opening the sessions is in our rate`,
      `row parity over the whole run: ${answered} turns answered; ${places.join(', ')}`,
      'hops: a log stamps an event when it takes it, so its flush to the disk is in the hop that follows',
      ...fetchWaitNote(loads),
    ],
    tables: [
      ratesTable(loads),
      timesTable(loads),
      ...loads.map(hopsTable),
      countedTable(loads),
      costsTable(members, loads),
      memoryTable(members, loads, memory),
    ],
    figures: {
      counts,
      sent,
      members: members.map(({ name, kind }) => ({ name, kind })),
      memory,
      loads: loads.map(({ clients, rounds, costs, times }) => ({ clients, rounds, costs, turnsTimed: times.length })),
    },
    faults,
  };
}

/**
 * A fetch of the worker's that finds nothing waits at the broker. Were that wait in a turn, it would be in the hop from the message to the
 * worker, which would then take anything up to the whole of it. With the fewest clients it shows best: each message finds a fetch that waits,
 * and nothing else to queue behind.
 */
function fetchWaitNote(loads: readonly DistributedLoad[]): readonly string[] {
  const [fewest] = loads.toSorted((one, other) => one.clients - other.clients);
  if (fewest === undefined) return [];
  const hopsMs = fewest.times.map(kafkaHopMs);
  const { fetchWaitMs } = limits.kafka;
  const waited = hopsMs.filter((hopMs) => hopMs >= fetchWaitMs).length;
  return [
    `a worker's fetch may wait ${fetchWaitMs} ms at the broker; with the fewest clients a message was with its worker after ${figure(sentToTakenMs(fewest))} ms on average and its claim decided after p50 ${figure(percentile(hopsMs, 0.5))}, p95 ${figure(percentile(hopsMs, 0.95))} ms; ${waited} of ${hopsMs.length} took as long as that wait`,
  ];
}
