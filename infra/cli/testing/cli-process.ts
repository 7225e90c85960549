import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { programArguments } from '../../bench/processes/program.ts';

/** How a command ended, and all that it printed. */
export interface CliEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command `turnledger` in a process of its own, from source, its standard input a pipe. */
export interface CliProcess {
  /** Writes into its standard input. */
  type(text: string): void;
  /** Ends its standard input. */
  endInput(): void;
  /** Resolves once its standard output holds a text. */
  printed(text: string): Promise<void>;
  /** Resolves once its standard error holds a text. */
  told(text: string): Promise<void>;
  /** Closes the pipe that it writes to, as `| head` does. */
  stopReading(name: 'stdout' | 'stderr'): void;
  interrupt(): void;
  readonly ended: Promise<CliEnd>;
}

const started: ChildProcess[] = [];

/** Starts it; of this process's environment it gets nothing but `env` beside what Node needs. */
export function startCli(args: readonly string[], env: { readonly [name: string]: string } = {}): CliProcess {
  const child = spawn(process.execPath, [...programArguments('cli/main'), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  started.push(child);
  // It may end before it has read what is typed.
  child.stdin.on('error', () => undefined);
  const output = { stdout: '', stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  const whenHeld = async (name: 'stdout' | 'stderr', text: string) => {
    while (!output[name].includes(text)) await Promise.race([once(child[name], 'data'), ended.then(gone)]);
  };
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }));
  return {
    type: (text) => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    printed: (text) => whenHeld('stdout', text),
    told: (text) => whenHeld('stderr', text),
    stopReading: (name) => void child[name].destroy(),
    interrupt: () => void child.kill('SIGINT'),
    ended,
  };
}

function gone({ code, stderr }: CliEnd): never {
  throw new TurnledgerError('engine_ended', { detail: `turnledger with ${code}: ${stderr}` });
}

/** Runs it to its end, with this as the whole of its standard input. */
export async function runCli(
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: { readonly [name: string]: string } } = {},
): Promise<CliEnd> {
  const cli = startCli(args, env);
  cli.type(input);
  cli.endInput();
  return cli.ended;
}

/** Kills what a test left. */
export function endClis(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}
