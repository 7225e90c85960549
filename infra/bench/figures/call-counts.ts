import { ownModuleOf } from './profile-modules.ts';

/** What of V8's precise coverage is read here: a script, and how often each of its functions was called. */
export interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly functionName: string;
    readonly ranges: readonly { readonly count: number }[];
  }[];
}

export interface CallCount {
  readonly name: string;
  readonly perTurn: number;
}

/**
 * How often our own named functions were called for one turn, the most called first. Unlike a time, this does not depend on what else the
 * machine was doing; a callback that runs for each field of each event shows at once. V8 counts an async function or a generator once
 * more each time it goes on after a wait, so of those only the change between two runs says something.
 */
export function callCounts(scripts: readonly ScriptCoverage[], turns: number, count = 40): readonly CallCount[] {
  const counts = scripts.flatMap(({ url, functions }) => {
    const module = ownModuleOf(url);
    if (module === undefined) return [];
    return functions
      .filter(({ functionName }) => functionName !== '')
      .map(({ functionName, ranges }) => ({
        name: `${functionName} ${url.split('/').at(-1)} [${module}]`,
        perTurn: (ranges[0]?.count ?? 0) / turns,
      }));
  });
  return counts.toSorted((one, other) => other.perTurn - one.perTurn).slice(0, count);
}
