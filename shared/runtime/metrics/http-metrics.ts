import { Counter, Histogram, type Registry } from 'prom-client';
import type { Clock } from '../../ports/index.ts';
import type { ObserveAnswer } from '../http/index.ts';
import { buckets } from './buckets.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

/** Counts and times requests by route. Labels hold patterns and codes alone; what met no route is `none`, an exotic method `other`. */
export function httpMetrics(registry: Registry, clock: Clock): ObserveAnswer {
  const requests = new Counter({
    name: 'turnledger_http_requests_total',
    help: 'Requests answered, by route, method and status; refused ones included.',
    labelNames: ['route', 'method', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'turnledger_http_request_duration_seconds',
    help: 'From a request to the end of its answer; an event stream counts to its end.',
    labelNames: ['route', 'method'],
    buckets: [...buckets.request],
    registers: [registry],
  });
  return () => {
    const startedAtMs = clock.monotonicMs();
    return ({ route = 'none', method: given, status }) => {
      const method = METHODS.has(given) ? given : 'other';
      requests.inc({ route, method, status });
      seconds.observe({ route, method }, (clock.monotonicMs() - startedAtMs) / 1_000);
    };
  };
}
