import type { ToldTurn } from '../load/load-plan.ts';
import { percentile } from './percentiles.ts';
import type { TracedEvent, TurnTrace } from './turn-traces.ts';

/** Everything that happened to a turn that went straight: one claim, one message. All clocks are one machine's, in whole milliseconds. */
export interface TurnTimes extends Omit<ToldTurn, 'turnId'> {
  readonly requested: TracedEvent;
  /** The relay gave it to its Kafka client; the message's own timestamp. */
  readonly sentAtMs: number;
  readonly started: TracedEvent;
  /** What the worker waited for the model. */
  readonly modelMs: number;
  readonly completed: TracedEvent;
}

/** A stretch of a turn's way: over all turns of a load. */
export interface HopTimes {
  readonly name: string;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Of the mean of the whole turn, 0 to 1. */
  readonly share: number;
}

type Hop = readonly [name: string, msOf: (turn: TurnTimes) => number];

/**
 * One behind the other, without a gap: together they are the whole turn. A log stamps an event when it takes it, so its flush to the disk is
 * in the hop that follows.
 */
const hops: readonly Hop[] = [
  ['client → TurnRequested decided', ({ requested, askedAtMs }) => requested.recordedAtMs - askedAtMs],
  ['TurnRequested → the log takes it', ({ requested }) => requested.loggedAtMs - requested.recordedAtMs],
  ['log → relay → message', ({ sentAtMs, requested }) => sentAtMs - requested.loggedAtMs],
  ['message → Kafka → worker → TurnStarted decided', ({ started, sentAtMs }) => started.recordedAtMs - sentAtMs],
  ['TurnStarted → the log takes it', ({ started }) => started.loggedAtMs - started.recordedAtMs],
  ['the model, as the worker waits for it', ({ modelMs }) => modelMs],
  [
    'worker around the call → TurnCompleted decided',
    ({ completed, started, modelMs }) => completed.recordedAtMs - started.loggedAtMs - modelMs,
  ],
  ['TurnCompleted → the log takes it', ({ completed }) => completed.loggedAtMs - completed.recordedAtMs],
  ['log → waiting command-api → client', ({ answeredAtMs, completed }) => answeredAtMs - completed.loggedAtMs],
];

/** The hop in which a consumer's wait would be. */
export const kafkaHopMs = ({ started, sentAtMs }: TurnTimes): number => started.recordedAtMs - sentAtMs;
export const KAFKA_HOP = 'message → Kafka → worker → TurnStarted decided';
export const RELAY_HOP = 'log → relay → message';

/** What log, topic and client say of one turn, as one; undefined for one that was claimed twice or of which something is missing. */
export function turnTimes(
  trace: TurnTrace | undefined,
  told: ToldTurn,
  sentAtMs: number | undefined,
): TurnTimes | undefined {
  const { requested, started, starts, completed, modelMs } = trace ?? {};
  if (!requested || !started || !completed || starts !== 1 || modelMs === undefined || sentAtMs === undefined)
    return undefined;
  const { askedAtMs, answeredAtMs } = told;
  return { askedAtMs, answeredAtMs, requested, sentAtMs, started, modelMs, completed };
}

/**
 * Mean and percentiles of every hop, and of the whole turn at the end. Each time is cut to a whole millisecond, the difference of two is off
 * by less than one in either direction: a mean of hundreds is exact to hundredths, a percentile is a whole number. The means add up to the
 * whole turn's; percentiles do not. A hop between two processes may be negative by that millisecond.
 */
export function hopTimes(turns: readonly TurnTimes[]): readonly HopTimes[] {
  const whole: Hop = ['the whole turn', ({ askedAtMs, answeredAtMs }) => answeredAtMs - askedAtMs];
  const wholeMs = meanOf(turns.map(whole[1]));
  return [...hops, whole].map(([name, msOf]) => {
    const values = turns.map(msOf);
    const meanMs = meanOf(values);
    return {
      name,
      meanMs,
      p50Ms: percentile(values, 0.5),
      p95Ms: percentile(values, 0.95),
      share: meanMs / wholeMs,
    };
  });
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
