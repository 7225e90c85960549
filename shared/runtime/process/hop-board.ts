import { limits } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import type { Hop } from '../health.ts';

/** Where a loop that follows the log stands; it is stuck when it is behind and its position does not move. */
export interface LoopStatus {
  readonly name: string;
  readonly position: bigint;
  readonly isCaughtUp: boolean;
  /** Monotonic time of the last progress. */
  readonly movedAtMs: number;
}

/** How a hop looks at this moment. */
export interface HopLook {
  readonly isReady: boolean;
  readonly facts?: NonNullable<Hop['facts']>;
  readonly isHint?: true;
}

/** Keeps the state of every hop, for /readyz. */
export interface HopBoard {
  /** News of a loop: it is ready once it has caught up, and stuck once it stands still behind. Those it was not made for are passed over. */
  report(status: LoopStatus): void;
  /** This process leads a loop from now on; it is ready once it has caught up. */
  lead(name: string): void;
  /** Another process leads the loop, or is about to: this one is ready to take its place. */
  standBy(name: string): void;
  /** Adds a hop that is judged whenever somebody asks; `since` is when it was first seen so. */
  add(name: string, look: () => HopLook): void;
  /** Whether everything that was added is ready, or costs speed alone: a loop that stands still then does so by its own fault. */
  storesAnswer(): boolean;
  /** The loops first, then what was added. */
  hops(): readonly Hop[];
}

interface Entry {
  isReady: boolean;
  since: string;
}

interface Loop extends Entry {
  status: LoopStatus | undefined;
  /** Undefined where nobody else could. */
  leads: boolean | undefined;
}

/** A board over the loops of this process, by their names. */
export function createHopBoard(clock: Clock, names: readonly string[]): HopBoard {
  const now = () => new Date(clock.nowMs()).toISOString();
  const loops = new Map<string, Loop>(
    names.map((name) => [name, { isReady: false, since: now(), status: undefined, leads: undefined }]),
  );
  const others = new Map<string, Entry & { readonly look: () => HopLook }>();

  const update = (entry: Entry, isReady: boolean) => {
    if (entry.isReady === isReady) return;
    entry.isReady = isReady;
    entry.since = now();
  };

  const takeSide = (name: string, leads: boolean) => {
    const loop = loops.get(name);
    if (!loop) return;
    loop.leads = leads;
    loop.status = undefined;
    update(loop, !leads);
  };

  const showLoop = ([name, loop]: readonly [string, Loop]): Hop => {
    const { status, leads } = loop;
    const isStuck =
      status !== undefined &&
      !status.isCaughtUp &&
      clock.monotonicMs() - status.movedAtMs > limits.projector.stuckAfterMs;
    if (isStuck) update(loop, false);
    const position = String(status?.position ?? 0);
    const facts = { ...(leads !== false && { position }), ...(leads !== undefined && { leads }) };
    return { name, isReady: loop.isReady, since: loop.since, facts };
  };

  return {
    report(status) {
      const loop = loops.get(status.name);
      if (!loop) return;
      loop.status = status;
      if (status.isCaughtUp) update(loop, true);
    },
    lead: (name) => takeSide(name, true),
    standBy: (name) => takeSide(name, false),
    add: (name, look) => void others.set(name, { isReady: true, since: now(), look }),
    storesAnswer: () =>
      [...others.values()].map(({ look }) => look()).every(({ isReady, isHint }) => isReady || isHint),
    hops() {
      const looked = [...others].map(([name, entry]): Hop => {
        const { isReady, ...look } = entry.look();
        update(entry, isReady);
        return { ...look, name, isReady, since: entry.since };
      });
      return [...[...loops].map(showLoop), ...looked];
    },
  };
}
