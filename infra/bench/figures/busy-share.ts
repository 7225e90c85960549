/** A call as the model saw it. */
export interface SeenCall {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** Calls of one lane follow one another. */
  readonly lane: string;
}

export interface BusyShare {
  /** From the first call to the lane with which fewer than `concurrency` are left to begin. */
  readonly windowMs: number;
  /** Calls that began in it. */
  readonly calls: number;
  /** Of `concurrency` calls at a time, all the time, what was under way at the model: 0 to 1. */
  readonly share: number;
  /** The same with no call longer than the model was told to take: what a model that is late for want of a processor adds is left out. */
  readonly shareOfSet: number;
  /** How long a place that a call has left stays empty, on average. */
  readonly emptyMs: number;
}

/**
 * How busy a batch kept its model while there was work left for all of its places. All figures are NaN for fewer lanes than places: there was no
 * such time.
 */
export function busyShare(calls: readonly SeenCall[], concurrency: number, setMs: number): BusyShare {
  const laneBegins = new Map<string, number>();
  for (const { lane, beganAtMs } of calls)
    laneBegins.set(lane, Math.min(beganAtMs, laneBegins.get(lane) ?? Number.POSITIVE_INFINITY));
  const begins = [...laneBegins.values()].toSorted((one, other) => one - other);
  const [fromMs = Number.NaN] = begins;
  const untilMs = begins[begins.length - concurrency] ?? Number.NaN;
  const windowMs = untilMs - fromMs;
  const within = calls.filter(({ beganAtMs }) => beganAtMs < untilMs);
  const busyMs = (longestMs: number) =>
    within.reduce(
      (sum, { beganAtMs, endedAtMs }) => sum + Math.min(endedAtMs, untilMs, beganAtMs + longestMs) - beganAtMs,
      0,
    );
  const allMs = concurrency * windowMs;
  const takenMs = busyMs(Number.POSITIVE_INFINITY);
  return {
    windowMs,
    calls: within.length,
    share: takenMs / allMs,
    shareOfSet: busyMs(setMs) / allMs,
    emptyMs: (allMs - takenMs) / within.length,
  };
}
