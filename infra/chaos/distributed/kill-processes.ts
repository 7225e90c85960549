import { setTimeout as sleep } from 'node:timers/promises';
import { TurnledgerError } from '@turnledger/shared/contracts';
import type { ProcessName } from '@turnledger/shared/runtime';
import type { PlannedProcessKill } from './plan-process-kills.ts';
import type { ProcessDeath } from './process-under-chaos.ts';
import type { TopologyUnderChaos } from './topology-under-chaos.ts';
import type { TurnFollower } from './turn-follower.ts';

/** A kill that counted: it died at the planned place, with turns open at that instant. */
export interface CountedProcessKill extends PlannedProcessKill {
  readonly atMs: number;
  /** The turn that was at the place, where that is known. */
  readonly turnId: string | undefined;
  readonly openTurns: number;
  /** From the death to the last ending of the turns that were open then; undefined when one had none after WITHIN_MS. */
  readonly endedAfterMs: number | undefined;
  /** From the death until every process that died is ready again. */
  readonly readyAfterMs: number;
}

export interface KillProcessesOptions {
  readonly topology: Pick<TopologyUnderChaos, 'processes'>;
  readonly follower: TurnFollower;
  readonly plan: readonly PlannedProcessKill[];
  /** The next death of a process. */
  readonly nextDeath: (name: ProcessName) => Promise<ProcessDeath>;
  readonly onKill: (kill: CountedProcessKill) => void;
  readonly onMiss: (kill: PlannedProcessKill, why: string) => void;
  /** No further kill begins once it has aborted; the one under way is waited for. */
  readonly enough: AbortSignal;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/** A place that was not passed by then is passed too seldom; it is tried again later. */
const PASSED_WITHIN_MS = 10_000;
/** What open turns get to end before the next kill; what is left open is the judge's business. */
const ENDED_WITHIN_MS = 45_000;
const MAX_TRIES = 5;
/** Turns that are to be open before a place is armed, of the twenty clients' twenty. */
const OPEN_BEFORE = 6;
const OPEN_WITHIN_MS = 5_000;

/** Kills as planned, one after the other: the next comes when all are ready and the turns open at the last one have ended. Throws `internal`. */
export async function killProcesses(options: KillProcessesOptions): Promise<readonly CountedProcessKill[]> {
  const { plan, onKill, onMiss, enough, signal } = options;
  const counted: CountedProcessKill[] = [];
  const left = plan.map((kill) => ({ kill, tries: 1 }));
  for (let next = left.shift(); next && !enough.aborted && !signal.aborted; next = left.shift()) {
    const { kill, tries } = next;
    const result = await killOnce(options, kill);
    if (typeof result !== 'string') {
      counted.push(result);
      onKill(result);
      continue;
    }
    onMiss(kill, result);
    if (tries >= MAX_TRIES)
      throw new TurnledgerError('internal', { detail: `${kill.place} did not count ${tries} times: ${result}` });
    left.push({ kill, tries: tries + 1 });
  }
  return counted;
}

async function killOnce(
  { topology, follower, nextDeath, signal }: KillProcessesOptions,
  kill: PlannedProcessKill,
): Promise<CountedProcessKill | string> {
  const { processes } = topology;
  const all = [...processes.values()];
  const allReady = () => Promise.all(all.map((one) => one.untilReady(signal)));
  await allReady();
  // Clients that waited for the last victim begin anew: the first of them would pass its place before any turn is open.
  await follower.untilOpen(OPEN_BEFORE, AbortSignal.any([signal, AbortSignal.timeout(OPEN_WITHIN_MS)]));
  const victim = processes.get(kill.point.process);
  if (!victim) return 'no such process';
  const given = new AbortController();
  const dying = nextDeath(kill.point.process);
  victim.life.arm(kill.place, kill.passing);
  const late = sleep(PASSED_WITHIN_MS, undefined, { signal: given.signal }).catch(() => undefined);
  const death = await Promise.race([dying, late]);
  given.abort();
  if (!death) {
    victim.life.disarm();
    return `not passed in ${PASSED_WITHIN_MS / 1_000} s`;
  }
  if (death.place !== kill.place) return `it died elsewhere: ${death.unexpected ?? death.place ?? 'killed'}`;
  if (kill.second) {
    await sleep(kill.second.afterMs);
    processes.get(kill.second.process)?.life.kill();
  }
  const openTurns = await follower.openAt(death.atMs);
  const within = AbortSignal.any([signal, AbortSignal.timeout(ENDED_WITHIN_MS)]);
  const [lastMs, readyAtMs] = await Promise.all([
    follower.untilEnded(openTurns, within),
    allReady().then(() => Date.now()),
  ]);
  if (openTurns.length === 0) return 'no turn was open';
  return {
    ...kill,
    atMs: death.atMs,
    turnId: death.turnId,
    openTurns: openTurns.length,
    endedAfterMs: lastMs === undefined ? undefined : Math.max(0, lastMs - death.atMs),
    readyAfterMs: readyAtMs - death.atMs,
  };
}
