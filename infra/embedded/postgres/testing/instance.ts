import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a small instance said: its server, or its one error. */
export interface InstanceReport {
  readonly pid?: number;
  readonly adopted?: boolean;
  readonly code?: string;
  readonly message?: string;
}

/** Starts `run-instance.ts` in a Node process of its own; `report` resolves with its one line, or with nothing when it is killed first. */
export function startInstance(dataDir: string): {
  readonly child: ChildProcess;
  readonly report: Promise<InstanceReport>;
} {
  const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const hooks = ['--conditions=turnledger-source', '--import', at('../../../checks/typescript-hooks.js')];
  const child = spawn(process.execPath, [...hooks, at('./run-instance.ts'), dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const report = Promise.race([once(lines, 'line'), once(lines, 'close')]).then(([line]) =>
    typeof line === 'string' ? (JSON.parse(line) as InstanceReport) : {},
  );
  return { child, report };
}

/** Ends it and waits: by closing its input, or with a signal. */
export async function endInstance(child: ChildProcess, signal?: 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  if (signal === undefined) child.stdin?.end();
  else child.kill(signal);
  await gone;
}
