import { Gauge, Histogram, type Registry } from 'prom-client';
import type { AppendOutcome, Clock, EventLog } from '../../ports/index.ts';
import { buckets } from './buckets.ts';

/** The same log with its appends timed, by what became of them: `unknown` ones are in doubt and are retried with the same bytes. */
export function meteredLog(registry: Registry, clock: Clock, log: EventLog): EventLog {
  const appends = new Histogram({
    name: 'turnledger_log_append_duration_seconds',
    help: 'How long an append took, by its outcome; "unknown" is one that the log did not answer.',
    labelNames: ['outcome'],
    buckets: [...buckets.store],
    registers: [registry],
  });
  for (const outcome of ['ok', 'conflict', 'rejected', 'unknown'] satisfies AppendOutcome['outcome'][])
    appends.zero({ outcome });
  new Gauge({
    name: 'turnledger_log_head_position',
    help: 'The position of the newest event; absent while the log does not answer.',
    registers: [registry],
    async collect() {
      // Without a sample of an earlier scrape, which would look like a log that stands still.
      this.reset();
      this.remove();
      await log.headPosition().then(
        (position) => this.set(Number(position)),
        () => undefined,
      );
    },
  });
  return {
    async append(stream, expected, events) {
      const startedAtMs = clock.monotonicMs();
      const answer = await log.append(stream, expected, events);
      appends.observe({ outcome: answer.outcome }, (clock.monotonicMs() - startedAtMs) / 1_000);
      return answer;
    },
    readStream: (stream, options) => log.readStream(stream, options),
    readHead: (stream) => log.readHead(stream),
    subscribe: (options) => log.subscribe(options),
    headPosition: () => log.headPosition(),
    close: () => log.close(),
  };
}
