import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { familyCosts } from './family-costs.ts';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

const IDLE = 'process.stdin.resume(); console.log("up")';

/** What a program with a Node that does nothing costs, once that Node is up. */
async function costOf(command: string, parameters: readonly string[]) {
  const child = spawn(command, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  const cost = (await familyCosts([pid])).get(pid);
  child.stdin.end();
  await once(child, 'close');
  return cost;
}

onLinux('familyCosts', () => {
  it('has processor time and memory of a process without children', async () => {
    const cost = await costOf(process.execPath, ['-e', IDLE]);
    expect(cost?.cpuMs).toBeGreaterThan(0);
    expect(cost?.mib).toBeGreaterThan(20);
    expect(cost?.mib).toBeLessThan(200);
  });

  it('counts children with their parent', async () => {
    const cost = await costOf('/bin/sh', ['-c', `${process.execPath} -e '${IDLE}'; exit`]);
    // A shell alone is 2; of a Node whose pages many others share, little is its own.
    expect(cost?.mib).toBeGreaterThan(5);
  });

  it('has no numbers for a process that is gone', async () => {
    const child = spawn('/bin/true');
    const pid = child.pid ?? 0;
    await once(child, 'close');
    expect((await familyCosts([pid])).get(pid)).toEqual({ cpuMs: Number.NaN, mib: Number.NaN });
  });
});
