import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ProcessName } from '@turnledger/shared/runtime';
import { programArguments } from '../../bench/processes/program.ts';
import type { PlannedProcess } from '../../distributed/plan-processes.ts';
import { deathIn } from '../failpoints.ts';
import { armLine } from './armed-by-parent.ts';
import { type Place, placeNamed } from './kill-points.ts';

/** How one life of a process ended. */
export interface ProcessDeath {
  readonly process: ProcessName;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Absent for a kill from outside. */
  readonly place: Place | undefined;
  /** The turn that was there, where that is known. */
  readonly turnId: string | undefined;
  /** Its end was neither ours nor a place's: how it ended, and what it wrote last. */
  readonly unexpected: string | undefined;
}

/** One life of one of the four processes. */
export interface ProcessUnderChaos {
  readonly url: string;
  readonly died: Promise<ProcessDeath>;
  /** Arms a place at its nth passing from now on. */
  arm(place: Place, passing: number): void;
  disarm(): void;
  kill(): void;
  /** SIGTERM: it drains. */
  stop(): void;
}

const MAX_KEPT_CHARS = 16_384;

/** Starts one of the four with places to die in, as it was planned for `npm run distributed`; ends with this process, by SIGKILL too. */
export function startUnderChaos(planned: PlannedProcess): ProcessUnderChaos {
  const { service, port, nodeFlags, parameters, environment } = planned;
  const program = programArguments(`chaos/distributed/${service}-under-chaos`);
  const child = spawn(process.execPath, [...nodeFlags, ...program, ...parameters], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['pipe', 'ignore', 'pipe'],
    // The Ctrl-C that ends us reaches it through its standard input.
    detached: true,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-MAX_KEPT_CHARS);
  });
  child.stdin.on('error', () => undefined); // It died first; `died` says so.
  let isOurs = false;
  const end = (signal: NodeJS.Signals) => {
    isOurs = true;
    child.kill(signal);
  };
  const died = deathOf(child).then((atMs): ProcessDeath => {
    const { place: name = '', turnId } = deathIn(stderr) ?? {};
    const place = placeNamed(name);
    const unexpected = isOurs || place ? undefined : `${child.signalCode ?? `code ${child.exitCode}`}: ${stderr}`;
    return { process: service as ProcessName, atMs, place, turnId, unexpected };
  });
  return {
    url: `http://127.0.0.1:${port}`,
    died,
    arm: (place, passing) => void child.stdin.write(armLine(place, passing)),
    disarm: () => void child.stdin.write('\n'),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

/** Resolves with the time of the exit; what it wrote is read to its end first. */
async function deathOf(child: ChildProcess): Promise<number> {
  const closed = once(child, 'close');
  await once(child, 'exit');
  const atMs = Date.now();
  await closed;
  return atMs;
}
