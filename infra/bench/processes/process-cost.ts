import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Linux counts processor time in ticks of 10 ms. */
const TICK_MS = 10;

/** Resident memory of a process, MiB; asks `ps`, which every POSIX system has. */
export async function residentMib(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout.trim()) / 1_024;
}

export interface ProcessStat {
  readonly parent: number;
  /** Processor time since it began, milliseconds. */
  readonly cpuMs: number;
}

/** What Linux tells of a process; undefined for one that is gone, and without /proc. */
export async function statOf(pid: string | number): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in brackets may hold spaces; the fields after it are state, parent, …, user and system ticks.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined) return undefined;
  return { parent: Number(fields[1]), cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
}

/** Processor time that a process and its children have used, milliseconds: PostgreSQL is one process a connection. Undefined without /proc. */
export async function familyCpuMs(pid: number): Promise<number | undefined> {
  const own = await statOf(pid);
  if (own === undefined) return undefined;
  const others = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(statOf));
  return others.reduce((sum, other) => sum + (other?.parent === pid ? other.cpuMs : 0), own.cpuMs);
}
