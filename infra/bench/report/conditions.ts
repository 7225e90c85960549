import { execFile } from 'node:child_process';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { benchFolder } from '../processes/program.ts';

/** What a figure depends on beside the code. */
export interface Conditions {
  readonly commit: string;
  readonly date: string;
  readonly node: string;
  readonly cores: number;
  readonly processor: string;
  readonly system: string;
  readonly memoryGib: number;
  /** Of one, five and fifteen minutes, before the run: what else the cores were doing. */
  readonly loadAverageBefore: readonly number[];
}

async function git(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: benchFolder });
  return stdout.trim();
}

/** The commit, with `+changes` when the tree is not what was committed (saved results aside); `unknown` without git. */
async function commitName(): Promise<string> {
  try {
    const commit = await git('rev-parse', '--short', 'HEAD');
    const changes = await git('status', '--porcelain', '--', ':/', ':(exclude,top)infra/bench/results');
    return changes === '' ? commit : `${commit}+changes`;
  } catch {
    return 'unknown';
  }
}

export const conditions = async (): Promise<Conditions> => ({
  commit: await commitName(),
  date: new Date().toISOString().slice(0, 16),
  node: process.version,
  cores: cpus().length,
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  system: `${platform()} ${release()} ${arch()}`,
  memoryGib: Math.round(totalmem() / 1_024 ** 3),
  loadAverageBefore: loadavg().map((load) => Math.round(load * 100) / 100),
});

export const conditionsLine = ({
  commit,
  date,
  node,
  cores,
  processor,
  system,
  loadAverageBefore,
}: Conditions): string =>
  `commit ${commit}, ${date}Z, Node ${node}, ${cores} cores (${processor}), ${system}, load average before ${loadAverageBefore.join(' ')}`;
