/** Time, so that nothing else asks the machine for it. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number;
  /** A clock that never jumps, in milliseconds; for durations and leases. */
  monotonicMs(): number;
  /** Waits; resolves early when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Ids and randomness, so that a simulation can choose them. */
export interface Ids {
  /** UUIDv7: rises with time. */
  uuid(): string;
  /** Cryptographically random bytes. */
  randomBytes(count: number): Buffer;
}
