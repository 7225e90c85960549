import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Clock, RecordedEvent } from '../../ports/index.ts';
import { buckets } from './buckets.ts';

/** What a projector is to its meter. */
export interface BatchLoop {
  readonly name: string;
  apply(events: readonly RecordedEvent[], position: bigint, signal: AbortSignal): Promise<void>;
}

/**
 * Meters loops that follow the log: where each stands and how far it is behind. `onEvents` is told of each event once in this process, also
 * when its batch fails and is read again.
 */
export type MeterLoop = <Loop extends BatchLoop>(
  loop: Loop,
  onEvents?: (events: readonly RecordedEvent[]) => void,
) => Loop;

export function loopMetrics(registry: Registry, clock: Clock): MeterLoop {
  const labelNames = ['projector'] as const;
  const positions = new Gauge({
    name: 'turnledger_projector_position',
    help: 'The position up to which a projector has done its work; turnledger_log_head_position is where it is to go.',
    labelNames,
    registers: [registry],
  });
  const inHand = new Map<string, number | undefined>();
  new Gauge({
    name: 'turnledger_projector_lag_seconds',
    help: 'The age of the oldest event that a projector has taken and not done with; 0 while it waits for one.',
    labelNames,
    registers: [registry],
    collect() {
      const nowMs = clock.nowMs();
      for (const [projector, sinceMs = nowMs] of inHand) this.set({ projector }, Math.max(0, nowMs - sinceMs) / 1_000);
    },
  });
  const delays = new Histogram({
    name: 'turnledger_projection_delay_seconds',
    help: 'From the record of the oldest event of a batch to the end of the batch.',
    labelNames,
    buckets: [...buckets.store],
    registers: [registry],
  });

  return (loop, onEvents) => {
    const projector = loop.name;
    inHand.set(projector, undefined);
    let told = 0n;
    const tell = (events: readonly RecordedEvent[], position: bigint) => {
      if (!onEvents || position <= told) return;
      onEvents(told === 0n ? events : events.filter((event) => event.position > told));
      told = position;
    };
    return {
      ...loop,
      async apply(events, position, signal) {
        const oldestMs = events[0]?.loggedAtMs;
        // Kept when the batch fails: it is read again, and is late meanwhile.
        inHand.set(projector, oldestMs);
        tell(events, position);
        await loop.apply(events, position, signal);
        inHand.set(projector, undefined);
        positions.set({ projector }, Number(position));
        if (oldestMs !== undefined) delays.observe({ projector }, Math.max(0, clock.nowMs() - oldestMs) / 1_000);
      },
    };
  };
}
