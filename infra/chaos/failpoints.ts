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

const DEATH_LINE = /^died at ([a-z_]+)(?: of (\S+))?$/m;

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

/** The place that a dying process named, in any list of places, and the turn that was there where that was known. */
export function deathIn(stderr: string): { readonly place: string; readonly turnId: string | undefined } | undefined {
  const [, place, turnId] = DEATH_LINE.exec(stderr) ?? [];
  return place === undefined ? undefined : { place, turnId };
}

/** Ends the process by SIGKILL, and leaves the line that says where. */
export function dieAt(place: string, turnId?: string): void {
  writeSync(2, `died at ${place}${turnId === undefined ? '' : ` of ${turnId}`}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** Tells the armed failpoint that a place was passed, and by which turn where that is known. */
export type Pass<Place extends string = Failpoint> = (name: Place, turnId?: string) => void;

/** Ends the process by SIGKILL when the armed place is passed the given number of times. */
export function passing(armed: ArmedFailpoint | undefined): Pass {
  let left = armed?.passing ?? 0;
  return (name, turnId) => {
    if (name !== armed?.name) return;
    left -= 1;
    if (left === 0) dieAt(name, turnId);
  };
}
