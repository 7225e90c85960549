import type { LoggedEvent, Violation } from '@turnledger/shared/testing/history-checker';
import { percentile } from '../../bench/figures/percentiles.ts';
import type { KillPoint } from './kill-points.ts';
import type { CountedProcessKill } from './kill-processes.ts';
import type { LostCall } from './lost-calls.ts';
import type { ProcessDeath } from './process-under-chaos.ts';

/** A spread of durations in seconds. */
export interface Seconds {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What the kills at one point came to. */
export interface PointSummary {
  readonly point: string;
  readonly process: string;
  readonly meaning: string;
  readonly kills: number;
  /** Of them, those that took another process along. */
  readonly withSecond: number;
  /** Of those between sending and the answer: how many found that the store had done it. Undefined where the log cannot tell. */
  readonly tookEffect: number | undefined;
  /** Calls that the deaths of this point took from the turn that was there; at K9 every turn of the process is there. */
  readonly extraCallsOfVictim: number;
  /** The most that one death took from one turn. */
  readonly mostExtraCallsOfVictim: number;
  /** What they took from other turns that the same process had in hand. */
  readonly extraCallsOfOthers: number;
  readonly mostExtraCallsOfOthers: number;
  /** What the log has of victims that lost more calls than the table allows, for whoever must explain it. */
  readonly storiesOfVictims: readonly string[];
  /** From the death to the last ending of the turns that were open then. */
  readonly endedAfter: Seconds;
  /** Kills after which such a turn was open for longer than anybody waited. */
  readonly unended: number;
  /** From the death until every process that died was ready again. */
  readonly readyAfter: Seconds;
}

/** What a place leaves in the log when the store did it, however little the process saw of it. */
const EFFECTS: { readonly [place: string]: readonly string[] } = {
  during_request_append: ['TurnRequested'],
  during_claim: ['TurnStarted'],
  during_ending_append: ['TurnCompleted', 'TurnFailed', 'TurnCancelled', 'TurnTimedOut'],
};
/** What was on its way is logged by then, and not long before the parent heard of the death; whoever does it again comes half a second later. */
const ON_ITS_WAY_MS = 20;
const HEARD_WITHIN_MS = 300;
/** Before this nobody is told which death took a call: wall clock against wall clock of one machine. */
const CLOCK_TOLERANCE_MS = 50;

const seconds = (ms: readonly number[]): Seconds => {
  const at = (share: number) => Math.round(percentile(ms, share) / 10) / 100;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
};

const most = (calls: readonly LostCall[]): number => {
  const perTurn = new Map<string, number>();
  for (const { turnId } of calls) perTurn.set(turnId, (perTurn.get(turnId) ?? 0) + 1);
  return Math.max(0, ...perTurn.values());
};

export interface Killed {
  readonly kills: readonly CountedProcessKill[];
  readonly deaths: readonly ProcessDeath[];
  readonly lost: readonly LostCall[];
  readonly log: readonly LoggedEvent[];
}

/** The death that took a call: the first of a worker after it, since there is one worker. */
export function takenBy({ atMs }: LostCall, deaths: readonly ProcessDeath[]): ProcessDeath | undefined {
  return deaths.find((death) => death.process === 'inference-worker' && death.atMs >= atMs - CLOCK_TOLERANCE_MS);
}

/** Sums up the kills, a row a point. Pure. */
export function summariseKills(points: readonly KillPoint[], killed: Killed): readonly PointSummary[] {
  return points.map((point) => summarise(point, killed));
}

function summarise(
  { name, process, meaning, maxExtraCalls }: KillPoint,
  { kills, deaths, lost, log }: Killed,
): PointSummary {
  const ours = kills.filter(({ point }) => point.name === name);
  const shares = ours.map(({ atMs, turnId }) => {
    const taken = lost.filter((call) => takenBy(call, deaths)?.atMs === atMs);
    // The model is not told which turn it speaks for: there each of them is at the place.
    const isVictim = (call: LostCall) => turnId === undefined || call.turnId === turnId;
    return { atMs, victim: taken.filter(isVictim), others: taken.filter((call) => !isVictim(call)) };
  });
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  const between = ours.filter(({ place }) => EFFECTS[place] !== undefined);
  const happened = between.filter(({ place, turnId, atMs }) => hasHappened(log, EFFECTS[place] ?? [], turnId, atMs));
  return {
    point: name,
    process,
    meaning,
    kills: ours.length,
    withSecond: ours.filter(({ second }) => second !== undefined).length,
    tookEffect: between.length === 0 ? undefined : happened.length,
    extraCallsOfVictim: sum(shares.map(({ victim }) => victim.length)),
    mostExtraCallsOfVictim: Math.max(0, ...shares.map(({ victim }) => most(victim))),
    extraCallsOfOthers: sum(shares.map(({ others }) => others.length)),
    mostExtraCallsOfOthers: Math.max(0, ...shares.map(({ others }) => most(others))),
    storiesOfVictims: shares.flatMap(({ atMs, victim }) =>
      most(victim) > maxExtraCalls ? victim.map((call) => storyOf(call, atMs, log)) : [],
    ),
    endedAfter: seconds(ours.flatMap(({ endedAfterMs }) => endedAfterMs ?? [])),
    unended: ours.filter(({ endedAfterMs }) => endedAfterMs === undefined).length,
    readyAfter: seconds(ours.map(({ readyAfterMs }) => readyAfterMs)),
  };
}

/** A turn's events in order, and its lost call, each with its distance from the death in milliseconds. */
function storyOf({ turnId, attempt, atMs }: LostCall, deathAtMs: number, log: readonly LoggedEvent[]): string {
  const events = log.flatMap(({ type, loggedAtMs, opened }) =>
    opened && 'turnId' in opened.data && opened.data.turnId === turnId ? [{ what: type, atMs: loggedAtMs }] : [],
  );
  const story = [...events, { what: `call of attempt ${attempt}`, atMs }].sort((one, other) => one.atMs - other.atMs);
  return `${turnId}: ${story.map((one) => `${one.what} ${one.atMs - deathAtMs}`).join(', ')}`;
}

function hasHappened(
  log: readonly LoggedEvent[],
  types: readonly string[],
  turnId: string | undefined,
  atMs: number,
): boolean {
  return log.some(
    ({ type, loggedAtMs, opened }) =>
      types.includes(type) &&
      opened !== undefined &&
      'turnId' in opened.data &&
      opened.data.turnId === turnId &&
      loggedAtMs <= atMs + ON_ITS_WAY_MS &&
      loggedAtMs >= atMs - HEARD_WITHIN_MS,
  );
}

/** Turns that lost more paid calls to one death than the table of kill points allows: a promise of its own beside those of the judge. */
export function overpaid(points: readonly KillPoint[], rows: readonly PointSummary[]): readonly Violation[] {
  return rows.flatMap(({ point, mostExtraCallsOfVictim, mostExtraCallsOfOthers, storiesOfVictims }) => {
    const allowed = points.find(({ name }) => name === point)?.maxExtraCalls ?? 0;
    if (mostExtraCallsOfVictim <= allowed && mostExtraCallsOfOthers <= 1) return [];
    const sentence = `a death at ${point} cost a turn more paid calls than the table allows`;
    const evidence = { allowed, mostExtraCallsOfVictim, mostExtraCallsOfOthers, storiesOfVictims };
    return [{ invariant: 'R6', sentence, evidence }];
  });
}
