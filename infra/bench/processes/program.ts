import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const isBuilt = import.meta.url.endsWith('.js');
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Node's arguments for a program of infra/, named without its ending: the built file when this one is built, which is what a benchmark
 * measures; the source under jest, which has no build.
 */
export const programArguments = (path: string): readonly string[] =>
  isBuilt
    ? [at(`../../${path}.js`)]
    : ['--conditions=turnledger-source', '--import', at('../../checks/typescript-hooks.js'), at(`../../${path}.ts`)];

/** The folder of the benchmarks' sources, where the gateway's package and the results are, also for a built program. */
export const benchFolder: string = at(isBuilt ? '../../../bench' : '..');

/** All that a measured process gets of this one's environment: what is in somebody's shell must not change a figure. */
export const plainEnvironment = (): { readonly [name: string]: string | undefined } => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
});

/** What `npm start` tells Node about its memory: a benchmark measures the service as its users start it. */
export const startArguments = (): readonly string[] => {
  const file = at(isBuilt ? '../../../../package.json' : '../../../package.json');
  const { scripts } = JSON.parse(readFileSync(file, 'utf8'));
  return String(scripts.start)
    .split(' ')
    .filter((word) => word.startsWith('--'));
};
