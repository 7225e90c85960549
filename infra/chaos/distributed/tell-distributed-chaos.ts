import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conditions } from '../../bench/report/conditions.ts';
import { type KillPoint, killPoints } from './kill-points.ts';
import { lostCalls } from './lost-calls.ts';
import { type DistributedChaosRun, runDistributedChaos } from './run-distributed-chaos.ts';
import { type ChaosFigures, pointsTable, saveChaosReport } from './save-chaos-report.ts';
import { overpaid, summariseKills, takenBy } from './summarise-kills.ts';

export interface TellOptions {
  readonly killsPerPoint: number;
  readonly clients: number;
  readonly seed: number;
  /** After so long no further kill begins. */
  readonly maxMinutes: number;
  /** Names of points, apart by commas; empty: all. */
  readonly points: string;
  readonly isSaved: boolean;
  readonly print: (line: string) => void;
}

const MINUTE_MS = 60_000;

/** Violations printed in full; the count says how many there are. */
const MAX_SHOWN = 20;

/** Runs the kill test of the four processes, says how it goes, and answers whether every promise was kept. Throws what the run throws. */
export async function tellDistributedChaos(options: TellOptions): Promise<boolean> {
  const { killsPerPoint, clients, seed, print } = options;
  const names = options.points.split(',').filter((name) => name !== '');
  const points = killPoints.filter(({ name }) => names.length === 0 || names.includes(name));
  const before = await conditions();
  const folder = await mkdtemp(join(tmpdir(), 'turnledger-chaos-'));
  await chmod(folder, 0o711); // As root PostgreSQL is another user, who must pass.
  // The first Ctrl-C asks for the verdict on what there is, the second gives the run up.
  const [asked, given] = [new AbortController(), new AbortController()];
  const onSignal = () => (asked.signal.aborted ? given : asked).abort();
  process.on('SIGINT', onSignal);
  const startedAtMs = performance.now();
  let count = 0;
  try {
    const run = await runDistributedChaos({
      folder: join(folder, 'data'),
      points,
      killsPerPoint,
      clients,
      seed,
      enough: AbortSignal.any([asked.signal, AbortSignal.timeout(options.maxMinutes * MINUTE_MS)]),
      signal: given.signal,
      onKill: ({ point, place, second, openTurns, endedAfterMs, readyAfterMs }) => {
        count += 1;
        const what = `${point.name} ${place}${second ? `, then ${second.process}` : ''}`;
        const ended = endedAfterMs === undefined ? 'not all of them ended' : `ended after ${endedAfterMs} ms`;
        const line = `${what.padEnd(50)}${openTurns} turns open, ${ended}, ready after ${readyAfterMs} ms`;
        print(`${String(count).padStart(3)}  ${line}`);
      },
      onMiss: ({ point, place }, why) => print(`     ${point.name} ${place} does not count: ${why}`),
      onUnexpected: ({ process, unexpected }) => print(`     ${process} ended by itself: ${unexpected}`),
    });
    const tookSeconds = Math.round((performance.now() - startedAtMs) / 1_000);
    const figures = figuresOf(run, points, { seed, clients, killsPerPoint, tookSeconds });
    printFigures(figures, print);
    if (options.isSaved) print(`saved as ${await saveChaosReport(figures, before)}`);
    return figures.violations.length === 0 && figures.unexpected.length === 0;
  } finally {
    process.off('SIGINT', onSignal);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function figuresOf(
  { kills, deaths, misses, violations, evidence, stores }: DistributedChaosRun,
  points: readonly KillPoint[],
  about: Pick<ChaosFigures, 'seed' | 'clients' | 'killsPerPoint' | 'tookSeconds'>,
): ChaosFigures {
  const lost = lostCalls(evidence);
  const rows = summariseKills(points, { kills, deaths, lost, log: evidence.log });
  return {
    ...about,
    stores,
    misses,
    kills,
    points: rows,
    violations: [...violations, ...overpaid(points, rows)],
    deaths: deaths.length,
    unexpected: deaths.flatMap(({ process, unexpected }) =>
      unexpected === undefined ? [] : `${process} ${unexpected}`,
    ),
    turns: evidence.log.filter(({ type }) => type === 'TurnRequested').length,
    calls: evidence.calls.length,
    lostCalls: lost.length,
    lostCallsUnexplained: lost.filter((call) => takenBy(call, deaths) === undefined).length,
  };
}

function printFigures(figures: ChaosFigures, print: (line: string) => void): void {
  const { points, violations, turns, calls, lostCalls: lost, lostCallsUnexplained, deaths, unexpected } = figures;
  print('');
  print(pointsTable(points));
  print('');
  print(`${turns} turns, ${calls} model calls, ${lost} of them lost with their process, ${deaths} deaths`);
  if (lostCallsUnexplained > 0) print(`${lostCallsUnexplained} lost calls that no death explains`);
  for (const violation of violations.slice(0, MAX_SHOWN))
    print(JSON.stringify(violation, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
  if (unexpected.length > 0) print(`${unexpected.length} processes ended by themselves`);
  print(`${figures.kills.length} kills, ${violations.length} violations`);
}
