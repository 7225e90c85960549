import { writeSync } from 'node:fs';

/**
 * Where a process may be told to die, in the order in which a turn passes them; the kill points of infra's reliability table. `during` is
 * between sending and the answer: what the store made of it is open.
 */
export const failpoints = [
  'before_request_append',
  'during_request_append',
  'after_request_append',
  'before_enqueue',
  'after_enqueue',
  'before_claim',
  'during_claim',
  'after_claim',
  'awaiting_model',
  'mid_stream',
  'before_ending_append',
  'during_ending_append',
  'after_ending_append',
  'before_view_commit',
  'during_view_commit',
  'after_view_commit',
] as const;

export type Failpoint = (typeof failpoints)[number];

/** A failpoint that is to kill, at its nth passing since the process started (from 1). */
export interface ArmedFailpoint {
  readonly name: Failpoint;
  readonly passing: number;
}

/** The environment variable that arms one; outside of the product's own names, which the product checks. */
export const ARMED_VARIABLE = 'CHAOS_FAILPOINT';

const DEATH_LINE = /^died at ([a-z_]+)$/m;

export const armedText = ({ name, passing }: ArmedFailpoint): string => `${name}:${passing}`;

/** The failpoint that a text arms, or undefined. */
export function parseArmed(text: string | undefined): ArmedFailpoint | undefined {
  const [, found, passing] = /^([a-z_]+):(\d+)$/.exec(text ?? '') ?? [];
  const name = failpoints.find((one) => one === found);
  return name && { name, passing: Number(passing) };
}

/** The failpoint a process died at, by what it wrote; undefined for any other death. */
export const diedAt = (stderr: string): Failpoint | undefined =>
  failpoints.find((name) => name === DEATH_LINE.exec(stderr)?.[1]);

/** Tells the armed failpoint that a place was passed. */
export type Pass = (name: Failpoint) => void;

/** Ends the process by SIGKILL when the armed place is passed the given number of times. */
export function passing(armed: ArmedFailpoint | undefined): Pass {
  let left = armed?.passing ?? 0;
  return (name) => {
    if (name !== armed?.name) return;
    left -= 1;
    if (left > 0) return;
    writeSync(2, `died at ${name}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
}
