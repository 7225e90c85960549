import { z } from 'zod';
import { pairRatios, type Spread, spreadOf } from '../figures/percentiles.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { spread } from '../report/markdown-table.ts';
import { listOption, roundOptions, wordsOption } from './bench-options.ts';
import { logNames, type OpenedLogs, openLogs } from './log-contenders.ts';
import { appendRate, type LogContender, readRate, scanRate } from './log-load.ts';

export const logOptions = z.strictObject({
  rounds: roundOptions.rounds,
  seconds: roundOptions.seconds.default(1),
  'in-flight': listOption(1, 1_024, [1, 16, 64, 256]),
  logs: wordsOption(logNames),
});
type LogOptions = z.infer<typeof logOptions>;

/** One measured thing: what, at how many in flight, a second, round by round. */
interface LogRates {
  readonly what: 'appends' | 'stream reads' | 'events read in order';
  readonly contender: string;
  readonly inFlight: number;
  readonly perSecond: number[];
}

/**
 * Appends, reads of a stream and reads of the whole log, of each adapter beside the bare client of its store with the same events; in this
 * process, rounds in turn.
 */
export async function runLogBench(options: LogOptions, progress: Progress): Promise<BenchReport> {
  const opened: OpenedLogs[] = [];
  try {
    for (const name of options.logs) opened.push(await openLogs[name]());
    const contenders = opened.flatMap((one) => one.contenders);
    const rates = await measure(contenders, options, progress);
    return report(rates, contenders, [
      `${options.rounds} rounds of ${options.seconds} s, contenders in turn; median (least–greatest); one event an append, each worker on a stream of its own; a read takes up to 20 events of one stream`,
      ...opened.map(({ note }) => note),
    ]);
  } finally {
    for (const one of opened.reverse()) await one.close();
  }
}

async function measure(
  contenders: readonly LogContender[],
  options: LogOptions,
  progress: Progress,
): Promise<readonly LogRates[]> {
  const rates = new Map<string, LogRates>();
  const add = (what: LogRates['what'], contender: string, inFlight: number, perSecond: number) => {
    const name = `${what} ${contender} ${inFlight}`;
    const known = rates.get(name) ?? { what, contender, inFlight, perSecond: [] };
    known.perSecond.push(perSecond);
    rates.set(name, known);
  };
  const { seconds } = options;
  const readers = contenders.filter(({ isOfAppends = false }) => !isOfAppends);
  for (const inFlight of options['in-flight']) {
    for (let round = 0; round < options.rounds; round += 1) {
      for (const contender of contenders)
        add('appends', contender.name, inFlight, await appendRate(contender, inFlight, seconds));
      for (const contender of readers)
        add('stream reads', contender.name, inFlight, await readRate(contender, inFlight, seconds));
    }
    progress(`${inFlight} in flight: done`);
  }
  for (let round = 0; round < options.rounds; round += 1) {
    for (const contender of readers) add('events read in order', contender.name, 1, await scanRate(contender));
  }
  return [...rates.values()];
}

function report(
  rates: readonly LogRates[],
  contenders: readonly LogContender[],
  notes: readonly string[],
): BenchReport {
  const rows = rates.map(({ what, contender, inFlight, perSecond }) => {
    const against = contenders.find(({ name }) => name === contender)?.against;
    const raw = rates.find((one) => one.what === what && one.inFlight === inFlight && one.contender === against);
    const ratio: Spread | undefined = raw && pairRatios(perSecond, raw.perSecond);
    return [`${what}, ${contender}`, String(inFlight), spread(spreadOf(perSecond)), ratio ? spread(ratio) : ''];
  });
  return {
    notes,
    tables: [{ title: 'A second', columns: ['', 'in flight', 'a second', 'times raw'], rows }],
    figures: rates,
    faults: [],
  };
}
