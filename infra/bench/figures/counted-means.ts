import { metricTotal } from './metric-total.ts';

/** Something that a process times itself: a histogram of its `/metrics`, of which sum and count are exact. */
export interface CountedPart {
  readonly name: string;
  /** The process that counts it. */
  readonly service: string;
  readonly metric: string;
  readonly label?: string;
}

/** In the order of a turn. */
export const countedParts = {
  taken: {
    name: "from the log's time of a request to the worker that takes it",
    service: 'inference-worker',
    metric: 'turnledger_queue_wait_seconds',
  },
  commandAppend: {
    name: "command-api's appends: there, flushed, and back",
    service: 'command-api',
    metric: 'turnledger_log_append_duration_seconds',
  },
  workerAppend: {
    name: "inference-worker's appends, the same",
    service: 'inference-worker',
    metric: 'turnledger_log_append_duration_seconds',
  },
  request: {
    name: "command-api, from a turn's request to the end of its answer",
    service: 'command-api',
    metric: 'turnledger_http_request_duration_seconds',
    label: 'route="/v1/sessions/:session_id/turns"',
  },
} as const satisfies { readonly [key: string]: CountedPart };

export type CountedMeans = { readonly [Key in keyof typeof countedParts]: number };

/** Text of `/metrics` by service. */
export type MetricTexts = ReadonlyMap<string, string>;

/** The mean of each part between two looks at the metrics, milliseconds; NaN of one that nothing was counted of. */
export function countedMeans(before: MetricTexts, after: MetricTexts): CountedMeans {
  const meanMs = ({ service, metric, label }: CountedPart): number => {
    const rise = (name: string) => {
      const [from, to] = [before, after].map((texts) => metricTotal(texts.get(service) ?? '', name, label));
      // A series begins with the first thing that is counted.
      return (to ?? Number.NaN) - (Number.isNaN(from) ? 0 : (from ?? 0));
    };
    return (rise(`${metric}_sum`) / rise(`${metric}_count`)) * 1_000;
  };
  const { taken, commandAppend, workerAppend, request } = countedParts;
  return {
    taken: meanMs(taken),
    commandAppend: meanMs(commandAppend),
    workerAppend: meanMs(workerAppend),
    request: meanMs(request),
  };
}
