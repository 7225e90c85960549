import { readdir, readFile } from 'node:fs/promises';
import { type ProcessStat, statOf } from './process-cost.ts';

/** What a process with its children costs; NaN where the system does not tell, or it is gone. */
export interface FamilyCost {
  /** Processor time since they began, milliseconds. */
  readonly cpuMs: number;
  /** Resident memory, MiB; of a process with children its share of shared pages (PSS), so that PostgreSQL's buffers count once. */
  readonly mib: number;
}

/** The costs of several processes in one look at /proc, which takes some 5 ms: it may be taken under load. */
export async function familyCosts(pids: readonly number[]): Promise<ReadonlyMap<number, FamilyCost>> {
  const names = await readdir('/proc').catch(() => []);
  const all = names.filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(all.map(async (name) => [Number(name), await statOf(name)] as const));
  const costs = pids.map(async (pid) => [pid, await costOf(pid, stats)] as const);
  return new Map(await Promise.all(costs));
}

async function costOf(
  pid: number,
  stats: readonly (readonly [number, ProcessStat | undefined])[],
): Promise<FamilyCost> {
  const family = stats.filter(([one, stat]) => one === pid || stat?.parent === pid);
  if (!family.some(([one, stat]) => one === pid && stat !== undefined)) return { cpuMs: Number.NaN, mib: Number.NaN };
  const cpuMs = family.reduce((sum, [, stat]) => sum + (stat?.cpuMs ?? 0), 0);
  if (family.length === 1) return { cpuMs, mib: await sizeMib(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m) };
  const shares = await Promise.all(
    // A backend that has ended since is nobody's memory.
    family.map(async ([one]) => (await sizeMib(`/proc/${one}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m)) || 0),
  );
  return { cpuMs, mib: shares.reduce((sum, share) => sum + share, 0) };
}

async function sizeMib(path: string, line: RegExp): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return Number(line.exec(text)?.[1] ?? Number.NaN) / 1_024;
}
