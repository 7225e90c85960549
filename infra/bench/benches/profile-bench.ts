import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { z } from 'zod';
import { callCounts, type ScriptCoverage } from '../figures/call-counts.ts';
import { type CpuProfile, profileShares, type Share } from '../figures/profile-shares.ts';
import { openStage } from '../processes/bench-stage.ts';
import { programArguments } from '../processes/program.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { figure, type ReportTable } from '../report/markdown-table.ts';
import { conversationOptions, numberOption, wordsOption } from './bench-options.ts';

export const profileOptions = z.strictObject({
  ...conversationOptions,
  clients: numberOption(1, 500, 50),
  seconds: numberOption(0.5, 60, 6),
  /** The service runs in V8's interpreter for its first thousands of turns, which is another profile. */
  'warm-up-seconds': numberOption(0.5, 120, 20),
  modes: wordsOption(['json', 'sse']),
});

const WRITTEN_WITHIN_MS = 10_000;
const MAX_TURNS = 200_000;

async function written<Content>(file: string): Promise<Content> {
  const deadline = AbortSignal.timeout(WRITTEN_WITHIN_MS);
  while (!deadline.aborted) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (/[}\]]$/.test(text)) return JSON.parse(text);
    await sleep(50);
  }
  throw new TurnledgerError('invariant_broken', { detail: 'the service wrote no profile' });
}

/** The service under load with V8's profiler in it (its rate is lower for that), in the first of the modes: who uses its one thread. */
export async function runProfileBench(
  options: z.infer<typeof profileOptions>,
  progress: Progress,
): Promise<BenchReport> {
  const file = join(tmpdir(), `turnledger-bench-${process.pid}.cpuprofile`);
  const preload = pathToFileURL(programArguments('bench/processes/profile-on-signal').at(-1) ?? '').href;
  const stage = await openStage({
    hasPortkey: false,
    windowTurns: options['window-turns'],
    nodeArguments: ['--import', preload],
    env: { BENCH_PROFILE_FILE: file },
  });
  const { service, targets } = stage;
  const [mode = 'json'] = options.modes;
  const plan = {
    target: targets.turnledger,
    mode,
    clients: options.clients,
    maxTurns: MAX_TURNS,
    turnsPerSession: options['turns-per-session'],
    windowTurns: options['window-turns'],
  };
  try {
    const warm = await stage.play({ ...plan, seconds: options['warm-up-seconds'] });
    progress(`warm: ${figure(warm.turnsPerSecond)}/s`);
    process.kill(service.pid, 'SIGUSR2');
    const figures = await stage.play({ ...plan, seconds: options.seconds });
    process.kill(service.pid, 'SIGUSR2');
    const shares = profileShares(await written<CpuProfile>(file));
    const counted = await stage.play({ ...plan, seconds: options.seconds });
    process.kill(service.pid, 'SIGUSR2');
    const counts = callCounts(await written<readonly ScriptCoverage[]>(`${file}.calls`), counted.turns);
    return {
      notes: [
        `${options.clients} clients, ${mode}, ${options.seconds} s, ${figure(figures.turnsPerSecond)} turns/s under the profiler; the thread was busy ${figure(shares.busy * 100)} % of the time`,
      ],
      tables: [
        shareTable('Self time by module, % of the busy time', shares.modules),
        shareTable('The same by the nearest module of ours on the stack', shares.owners),
        shareTable('The same by the nearest function of ours', shares.ownerFunctions),
        shareTable('Self time by function', shares.functions),
        shareTable('Our functions with all they call before they first wait', shares.totals),
        {
          title: 'Calls of our functions for one turn (in a round of its own, which counted them)',
          columns: ['', 'calls'],
          rows: counts.map(({ name, perTurn }) => [name, figure(perTurn)]),
        },
      ],
      figures: { shares, counts },
      faults: figures.failures > 0 ? [`${figures.failures} answers were wrong: ${figures.failureTexts[0]}`] : [],
    };
  } finally {
    await stage.close();
    for (const path of [file, `${file}.calls`]) await rm(path, { force: true });
  }
}

const shareTable = (title: string, shares: readonly Share[]): ReportTable => ({
  title,
  columns: ['', '%'],
  rows: shares.map(({ name, share }) => [name, figure(share * 100)]),
});
