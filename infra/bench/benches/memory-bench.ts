import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { LoadTarget } from '../load/load-plan.ts';
import { openStage } from '../processes/bench-stage.ts';
import { residentMib } from '../processes/process-cost.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { figure } from '../report/markdown-table.ts';
import { conversationOptions, flagOption, numberOption } from './bench-options.ts';

export const memoryOptions = z.strictObject({
  ...conversationOptions,
  clients: numberOption(1, 500, 50),
  seconds: numberOption(0.5, 600, 20),
  /** Between the end of the load and the last look. */
  'rest-seconds': numberOption(0.5, 600, 10),
  'without-portkey': flagOption,
});

const SETTLE_MS = 2_000;
const LOOK_EVERY_MS = 250;
const MAX_TURNS = 1_000_000;

interface MemoryFigures {
  readonly name: string;
  readonly startMib: number;
  readonly peakMib: number;
  readonly loadEndMib: number;
  readonly restedMib: number;
  readonly turns: number;
  readonly failures: number;
}

/** Resident memory of the Node process alone (PostgreSQL's is its own), seen every 250 ms. */
export async function runMemoryBench(options: z.infer<typeof memoryOptions>, progress: Progress): Promise<BenchReport> {
  const hasPortkey = !options['without-portkey'];
  const stage = await openStage({ hasPortkey, windowTurns: options['window-turns'] });
  const measure = async (name: string, pid: number, target: LoadTarget): Promise<MemoryFigures> => {
    await sleep(SETTLE_MS);
    const startMib = await residentMib(pid);
    let peakMib = startMib;
    const watching = new AbortController();
    const watch = (async () => {
      while (!watching.signal.aborted) {
        peakMib = Math.max(peakMib, await residentMib(pid));
        await sleep(LOOK_EVERY_MS);
      }
    })();
    const { turns, failures } = await stage.play({
      target,
      mode: 'json',
      clients: options.clients,
      seconds: options.seconds,
      maxTurns: MAX_TURNS,
      turnsPerSession: options['turns-per-session'],
      windowTurns: options['window-turns'],
    });
    watching.abort();
    await watch;
    const loadEndMib = await residentMib(pid);
    await sleep(options['rest-seconds'] * 1_000);
    const restedMib = await residentMib(pid);
    progress(`${name}: ${figure(startMib)}, ${figure(peakMib)}, ${figure(restedMib)} MiB`);
    return { name, startMib, peakMib, loadEndMib, restedMib, turns, failures };
  };
  try {
    const { service, portkey, targets } = stage;
    const measured = [await measure('Turnledger, without PostgreSQL', service.pid, targets.turnledger)];
    if (portkey) measured.push(await measure('Portkey, nothing stored', portkey.pid, targets.portkey));
    return {
      notes: [
        `${options.clients} clients for ${options.seconds} s, then ${options['rest-seconds']} s of rest; JSON; one run`,
      ],
      tables: [
        {
          title: 'Resident memory, MiB',
          columns: ['', 'after start', 'peak at load', 'end of load', 'after rest', 'rest/start', 'turns'],
          rows: measured.map((one) => [
            one.name,
            ...[one.startMib, one.peakMib, one.loadEndMib, one.restedMib, one.restedMib / one.startMib].map(figure),
            String(one.turns),
          ]),
        },
      ],
      figures: measured,
      faults: measured
        .filter(({ failures }) => failures > 0)
        .map(({ name, failures }) => `${name}: ${failures} answers were wrong`),
    };
  } finally {
    await stage.close();
  }
}
