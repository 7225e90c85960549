import { isTurnledgerError, TurnledgerError } from '@turnledger/shared/contracts';
import type { z } from 'zod';
import { readOptions } from './benches/bench-options.ts';
import { branchesOptions, runBranchesBench } from './benches/branches-bench.ts';
import { runDistributedBench } from './benches/distributed-bench.ts';
import { distributedOptions } from './benches/distributed-run.ts';
import { flatOptions, runFlatBench } from './benches/flat-bench.ts';
import { logOptions, runLogBench } from './benches/log-bench.ts';
import { memoryOptions, runMemoryBench } from './benches/memory-bench.ts';
import { profileOptions, runProfileBench } from './benches/profile-bench.ts';
import { rerunsOptions, runRerunsBench } from './benches/reruns-bench.ts';
import { runSoakBench, soakOptions } from './benches/soak-bench.ts';
import { runStartBench, startOptions } from './benches/start-bench.ts';
import { runTurnsBench, turnsOptions } from './benches/turns-bench.ts';
import type { BenchReport, Progress } from './report/bench-report.ts';
import { conditions, conditionsLine } from './report/conditions.ts';
import { reportText, saveReport } from './report/save-report.ts';

type Run = (args: readonly string[], progress: Progress) => Promise<{ options: object; report: BenchReport }>;

/** A benchmark that reads its own options. */
const bench =
  <Shape extends z.ZodRawShape>(
    schema: z.ZodObject<Shape>,
    run: (options: z.infer<z.ZodObject<Shape>>, progress: Progress) => Promise<BenchReport>,
  ): Run =>
  async (args, progress) => {
    const options = readOptions(schema, args);
    return { options, report: await run(options, progress) };
  };

const benches: { readonly [name: string]: { readonly about: string; readonly run: Run } } = {
  turns: { about: 'durable turns a second beside Portkey and the bare SDK', run: bench(turnsOptions, runTurnsBench) },
  distributed: {
    about: 'turns through four processes and four engines, hop by hop',
    run: bench(distributedOptions, runDistributedBench),
  },
  flat: { about: 'what turn 10, 100, 500 and 800 of a session cost', run: bench(flatOptions, runFlatBench) },
  branches: {
    about: 'what a fork and a rewind cost at turn 10 and 850, and a re-render beside bare reads',
    run: bench(branchesOptions, runBranchesBench),
  },
  reruns: {
    about: 'how busy re-runs keep their model, and what live turns feel of them',
    run: bench(rerunsOptions, runRerunsBench),
  },
  log: { about: 'appends and reads a second of each event log', run: bench(logOptions, runLogBench) },
  start: { about: 'from the start of the process to the first answered turn', run: bench(startOptions, runStartBench) },
  memory: { about: 'resident memory before, under and after load', run: bench(memoryOptions, runMemoryBench) },
  soak: { about: 'how the memory of four processes goes under constant load', run: bench(soakOptions, runSoakBench) },
  profile: { about: "where the service's processor time goes", run: bench(profileOptions, runProfileBench) },
};

const usage = () => `npm run bench -- <name> [--option value …] [--save]

${Object.entries(benches)
  .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`)
  .join('\n')}

Options and what is measured: infra/bench/README.md. --save writes infra/bench/results; do so on a quiet machine only.`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

async function main([name = '', ...rest]: readonly string[]): Promise<void> {
  const chosen = benches[name];
  if (chosen === undefined) {
    throw new TurnledgerError('config_invalid', { detail: `there is no benchmark "${name}"\n\n${usage()}` });
  }
  const before = await conditions();
  print(conditionsLine(before));
  const args = rest.filter((argument) => argument !== '--save');
  const { options, report } = await chosen.run(args, (line) => print(`  ${line}`));
  print(`\n${reportText(report)}`);
  if (report.faults.length > 0) process.exitCode = 1;
  else if (args.length < rest.length)
    print(`\nSaved: ${await saveReport(name, report, { conditions: before, options })}`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  await main(process.argv.slice(2));
} catch (error) {
  const stack = error instanceof Error ? error.stack : undefined;
  process.stderr.write(`${isTurnledgerError(error) ? error.message : (stack ?? String(error))}\n`);
  process.exitCode = 1;
}
