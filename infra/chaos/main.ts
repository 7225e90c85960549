import { randomInt } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { HistoryEntry, LoggedEvent } from '@turnledger/shared/testing/history-checker';
import { tellDistributedChaos } from './distributed/tell-distributed-chaos.ts';
import { failpoints } from './failpoints.ts';
import { killPostgres } from './kill-postgres.ts';
import { type ChaosReport, runChaos } from './run-chaos.ts';

const USAGE = `Kills the embedded service again and again under load, then judges what it left behind.

  --kills 60       kills with a turn open at that instant; from 32 on every failpoint must be hit
  --clients 20
  --seed N         draws plan, clients and model again; a new one by default

  --distributed    kills the four processes at the points of a turn instead, on a real Kafka, Redis and PostgreSQL and the event-store twin
  --kills-per-point 20
  --points K9,K12  those alone
  --minutes 60     after so long no further kill begins
  --save           writes infra/chaos/reports/<date>-distributed.json and .md`;

const print = (line: string) => process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '60' },
    clients: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    distributed: { type: 'boolean', default: false },
    'kills-per-point': { type: 'string', default: '20' },
    points: { type: 'string', default: '' },
    minutes: { type: 'string', default: '60' },
    save: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const numbers = [values.kills, values.clients, values.seed, values['kills-per-point'], values.minutes].map(Number);
const [kills, clients, seed, killsPerPoint, maxMinutes] = numbers;

/** Violations printed in full; the count says how many there are. */
const MAX_SHOWN = 20;

function printReport({ hits, violations, evidence, askedAgain, ...report }: ChaosReport): boolean {
  const missed = report.kills.length >= 2 * failpoints.length ? failpoints.filter((name) => hits[name] === 0) : [];
  print('');
  for (const name of failpoints) print(`  ${name.padEnd(24)}${hits[name]} ${hits[name] === 1 ? 'hit' : 'hits'}`);
  print('');
  const { log, calls, history } = evidence;
  const played = log.filter(({ stream }) => !stream.startsWith('rerunsession-'));
  const count = (is: (event: LoggedEvent) => boolean) => played.filter(is).length;
  for (const type of [
    'TurnRequested',
    'TurnStarted',
    'TurnCompleted',
    'TurnFailed',
    'TurnCancelled',
    'TurnTimedOut',
    'AttemptSettled',
    'SummaryStarted',
    'HistorySummarized',
    'SummaryFailed',
  ]) {
    print(`  ${type.padEnd(24)}${count((event) => event.type === type)}`);
  }
  const lost = count(({ opened }) => opened?.type === 'TurnAttemptFailed' && opened.data.code === 'worker_lost');
  print(`${calls.length} model calls, ${lost} attempts lost with their process, ${history.length} history lines`);
  print(`answers: ${answersIn(history)}`);
  print(`${askedAgain.turns} turns asked again, ${askedAgain.reused} of their replies stand`);
  for (const violation of violations.slice(0, MAX_SHOWN))
    print(JSON.stringify(violation, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
  for (const name of missed) print(`no process died at ${name}`);
  print(`${report.kills.length} kills, ${violations.length} violations`);
  return violations.length === 0 && missed.length === 0;
}

/** How often operations came out how. */
function answersIn(history: readonly HistoryEntry[]): string {
  const counts = new Map<string, number>();
  for (const { type, value } of history.filter((entry) => entry.type !== 'invoke')) {
    const name = type === 'ok' ? 'ok' : (value.code ?? type);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}

async function main(): Promise<boolean> {
  if (values.help || !numbers.every(Number.isSafeInteger)) {
    print(USAGE);
    return values.help;
  }
  print(`seed ${seed}`);
  if (values.distributed) {
    const drawn = { killsPerPoint: Number(killsPerPoint), clients: Number(clients), seed: Number(seed) };
    const bounds = { maxMinutes: Number(maxMinutes), points: values.points };
    return tellDistributedChaos({ ...drawn, ...bounds, isSaved: values.save, print });
  }
  const folder = await mkdtemp(join(tmpdir(), 'turnledger-chaos-'));
  await chmod(folder, 0o711); // As root the server is another user, who must pass.
  const dataDir = join(folder, 'data');
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  let count = 0;
  try {
    const report = await runChaos({
      dataDir,
      kills: Number(kills),
      clients: Number(clients),
      seed: Number(seed),
      signal: interrupted.signal,
      onKill: ({ failpoint, withPostgres, openTurns, restartMs }) => {
        count += 1;
        const place = `${failpoint ?? 'random moment'}${withPostgres ? ', with PostgreSQL' : ''}`;
        print(
          `${String(count).padStart(3)}  ${place.padEnd(42)}${openTurns} turns open, up again after ${restartMs} ms`,
        );
      },
    });
    return printReport(report);
  } finally {
    await killPostgres(dataDir);
    await rm(folder, { recursive: true, force: true });
  }
}

const isGood = await main().catch((error: unknown) => {
  print(`the run was not finished: ${String(error)}`);
  return false;
});
process.exitCode = isGood ? 0 : 1;
