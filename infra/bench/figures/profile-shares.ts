import { type CallFrame, moduleOf, ownModuleOf } from './profile-modules.ts';

/** What of V8's CPU profile is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface Share {
  readonly name: string;
  /** Of the time that was not idle, 0 to 1. */
  readonly share: number;
}

export interface ProfileShares {
  /** Of the profiled time the process had something to do, 0 to 1. */
  readonly busy: number;
  /** By where the code stands: ours, packages, Node, the machine. */
  readonly modules: readonly Share[];
  /** By the nearest function of our own on the stack: a package's and Node's time is counted for whoever of us called it. */
  readonly owners: readonly Share[];
  readonly ownerFunctions: readonly Share[];
  readonly functions: readonly Share[];
  /** Of our own functions, with all they call before they first wait. */
  readonly totals: readonly Share[];
}

const NOBODY = '(nobody of ours)';

const nameOf = ({ functionName, url, lineNumber }: CallFrame): string => {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${url.split('/').at(-1)}:${lineNumber + 1}`;
};

/** The time of each sample added up under a name. */
class Tally {
  readonly #times = new Map<string, number>();

  add(name: string, time: number): void {
    this.#times.set(name, (this.#times.get(name) ?? 0) + time);
  }

  top(total: number, count: number): readonly Share[] {
    const shares = [...this.#times].map(([name, time]) => ({ name, share: time / total }));
    return shares.toSorted((one, other) => other.share - one.share).slice(0, count);
  }
}

/** Self time by module, by function and by who of us is answerable for it, the greatest first; idle time is left out. */
export function profileShares({ nodes, samples, timeDeltas }: CpuProfile, count = 25): ProfileShares {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const ownFramesOf = (id: number): readonly CallFrame[] => {
    const own: CallFrame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = frames.get(at);
      if (frame !== undefined && ownModuleOf(frame.url) !== undefined) own.push(frame);
    }
    return own;
  };
  const [modules, owners, ownerFunctions] = [new Tally(), new Tally(), new Tally()];
  const [functions, totals] = [new Tally(), new Tally()];
  let [busyTime, allTime] = [0, 0];
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    const time = timeDeltas[index] ?? 0;
    allTime += time;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    busyTime += time;
    const own = ownFramesOf(id);
    const [owner] = own;
    modules.add(moduleOf(frame), time);
    functions.add(`${nameOf(frame)} [${moduleOf(frame)}]`, time);
    owners.add((owner && ownModuleOf(owner.url)) ?? NOBODY, time);
    ownerFunctions.add(owner === undefined ? NOBODY : `${nameOf(owner)} [${moduleOf(owner)}]`, time);
    // Once each, however often a function is on the stack.
    for (const name of new Set(own.map((one) => `${nameOf(one)} [${moduleOf(one)}]`))) totals.add(name, time);
  }
  return {
    busy: busyTime / allTime,
    modules: modules.top(busyTime, count),
    owners: owners.top(busyTime, count),
    ownerFunctions: ownerFunctions.top(busyTime, count),
    functions: functions.top(busyTime, count),
    totals: totals.top(busyTime, count),
  };
}
