import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import type { Clock, EventLog, RecordedEvent, TurnQueue } from '../../ports/index.ts';
import { defineRoute, type ObserveAnswer, type Route } from '../http/index.ts';
import { countEvents } from './count-events.ts';
import { httpMetrics } from './http-metrics.ts';
import { meteredLog } from './log-metrics.ts';
import { loopMetrics, type MeterLoop } from './loop-metrics.ts';
import { meteredQueue, type QueueEnd } from './queue-metrics.ts';
import { readGauge } from './read-gauge.ts';
import { turnMetrics } from './turn-metrics.ts';

/** A process's figures: things to put around its ports and loops, and the route that shows what they counted. */
export interface Metrics {
  readonly observeAnswer: ObserveAnswer;
  readonly meterLoop: MeterLoop;
  /** To be told of every event of the log once, in its order. */
  readonly countEvents: (events: readonly RecordedEvent[]) => void;
  meterLog(log: EventLog): EventLog;
  meterQueue(queue: TurnQueue, end?: QueueEnd): TurnQueue;
  /** A figure that is read when somebody asks for it. */
  gauge(name: string, help: string, read: () => number): void;
  /** A figure that only rises, by one label; `values` are those it starts with at 0. Answers what counts one. */
  counter(name: string, help: string, label: string, values?: readonly string[]): (value: string) => void;
  /** Adds memory, CPU, garbage collection and the event loop's lag, measured from now on: once a process. */
  measureProcess(): void;
  /** `/metrics`, in the text format of Prometheus. */
  readonly route: Route;
}

/**
 * Figures in a registry of their own. No label holds a player, a game, a session or a path: those would be personal, and without bound.
 * `meterLog` and `meterQueue` may be called once each.
 */
export function createMetrics(clock: Clock): Metrics {
  const registry = new Registry();
  return {
    observeAnswer: httpMetrics(registry, clock),
    meterLoop: loopMetrics(registry, clock),
    countEvents: countEvents(turnMetrics(registry)),
    meterLog: (log) => meteredLog(registry, clock, log),
    meterQueue: (queue, end) => meteredQueue(registry, clock, queue, end),
    gauge: (name, help, read) => readGauge(registry, name, help, read),
    counter(name, help, label, values = []) {
      const counter = new Counter({ name, help, labelNames: [label], registers: [registry] });
      for (const value of values) counter.inc({ [label]: value }, 0);
      return (value) => counter.inc({ [label]: value });
    },
    measureProcess: () => collectDefaultMetrics({ register: registry }),
    route: defineRoute({
      method: 'GET',
      path: '/metrics',
      summary: 'Show what this process has counted, for Prometheus',
      access: ['operator'],
      replies: { 200: { description: 'Metrics.', mediaType: 'text/plain' } },
      handle: async () => ({
        kind: 'bytes',
        status: 200,
        contentType: registry.contentType,
        body: await registry.metrics(),
        headers: { 'cache-control': 'no-store' },
      }),
    }),
  };
}
