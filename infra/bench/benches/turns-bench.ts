import { z } from 'zod';
import { durabilityOf, ledgerCounts } from '../figures/ledger-counts.ts';
import { parityFaults, type TurnCounts } from '../figures/row-parity.ts';
import { storeWork, workPerTurn } from '../figures/store-work.ts';
import type { LoadMode, LoadPlan } from '../load/load-plan.ts';
import { type BenchStage, openStage } from '../processes/bench-stage.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { figure } from '../report/markdown-table.ts';
import { alternateRounds, playRound, type Round } from './alternate-rounds.ts';
import { answerFaults } from './answer-faults.ts';
import { conversationOptions, listOption, numberOption, roundOptions, wordsOption } from './bench-options.ts';
import { generatorCeilings } from './generator-ceilings.ts';
import { contendersOf, otherNames, ourName } from './turns-contenders.ts';
import { costTable, type LoadWork, ratesTable, timesTable, workTable } from './turns-tables.ts';

export const turnsOptions = z.strictObject({
  ...roundOptions,
  ...conversationOptions,
  /** Played by each contender before anything is measured. */
  'burn-in-seconds': numberOption(0, 120, 15),
  clients: listOption(1, 500, [1, 10, 50, 200]),
  /** In one round, however long it is told to last. */
  'max-turns': numberOption(1, 200_000, 200_000),
  modes: wordsOption(['json', 'sse']),
  contenders: wordsOption(otherNames),
  /** From the headers to the first token, and from token to token, at the twin. */
  'first-token-ms': numberOption(0, 10_000, 0),
  'token-delay-ms': numberOption(0, 1_000, 0),
});
export type TurnsOptions = z.infer<typeof turnsOptions>;

/** Enough to keep one processor busy with the generator alone. */
const CEILING_CLIENTS = 50;
/** As many as bring a contender's own code to V8's optimizing compiler soonest; it takes thousands of turns. */
const BURN_IN_CLIENTS = 50;

/**
 * Durable turns a second of Turnledger beside a gateway that stores nothing and the bare SDK: the same twin, the same generator, the same
 * prompts, rounds in turn. The run does not count when any answer was wrong, or when the calls at the twin, the log and the view disagree
 * about how many turns there were.
 */
export async function runTurnsBench(options: TurnsOptions, progress: Progress, dataDir?: string): Promise<BenchReport> {
  const behaviour = { firstTokenMs: options['first-token-ms'], tokenDelayMs: options['token-delay-ms'] };
  const stage = await openStage({
    hasPortkey: options.contenders.includes('portkey'),
    windowTurns: options['window-turns'],
    behaviour,
    ...(dataDir !== undefined && { dataDir }),
  });
  try {
    return await measure(stage, options, progress);
  } finally {
    await stage.close();
  }
}

async function measure(stage: BenchStage, options: TurnsOptions, progress: Progress): Promise<BenchReport> {
  const contenders = await contendersOf(stage, options.contenders);
  const ceilings = await generatorCeilings(
    stage,
    options.modes.map((mode) => planOf(options, mode, CEILING_CLIENTS)),
  );
  for (const { mode, turnsPerSecond } of ceilings)
    progress(`the generator alone reaches ${figure(turnsPerSecond)}/s (${mode})`);
  const settings = { rounds: options.rounds, warmUpSeconds: options['warm-up-seconds'], progress };
  const all: Round[] = [];
  const reported: Round[] = [];
  const work: LoadWork[] = [];
  for (const contender of contenders) {
    const burnIn = { ...planOf(options, 'json', BURN_IN_CLIENTS), seconds: options['burn-in-seconds'] };
    all.push(await playRound(stage, contender, burnIn));
  }
  progress(`${all.map((one) => `${one.contender} ${one.figures.turns}`).join(', ')} turns to warm up`);
  const loads = options.modes.flatMap((mode) => options.clients.map((clients) => planOf(options, mode, clients)));
  for (const load of loads) {
    const before = await storeWork(stage.service.dataDir);
    const { warmUps, rounds } = await alternateRounds(stage, contenders, load, settings);
    all.push(...warmUps, ...rounds);
    reported.push(...rounds);
    const { mode, clients } = load;
    const turns = answeredBy(ourName, [...warmUps, ...rounds]);
    work.push({ mode, clients, ...workPerTurn(before, await storeWork(stage.service.dataDir), turns) });
  }
  const counts = await countTurns(stage, all);
  const settingsText = Object.entries(await durabilityOf(stage.service.dataDir)).map(
    ([name, value]) => `${name} ${value}`,
  );
  const { answered, ...traces } = counts;
  return {
    notes: [
      `${options.rounds} rounds of ${options.seconds} s each, contenders in turn; median (least–greatest)`,
      `conversations of ${options['turns-per-session']} turns, ${options['window-turns']} turns of history in a prompt, a new key a turn; opening the sessions is in our rate`,
      `SHOW: ${settingsText.join(', ')}`,
      `row parity over the whole run: ${answered} turns answered; ${Object.entries(traces)
        .map(([place, count]) => `${place} ${count}`)
        .join(', ')}`,
      `the generator alone, against a server that does nothing: ${ceilings.map(({ mode, turnsPerSecond }) => `${figure(turnsPerSecond)}/s (${mode})`).join(', ')}`,
    ],
    tables: [ratesTable(reported), timesTable(reported), costTable(reported), workTable(work)],
    figures: { counts, ceilings, work, rounds: reported },
    faults: [...parityFaults(counts), ...answerFaults(all)],
  };
}

const planOf = (options: TurnsOptions, mode: LoadMode, clients: number): Omit<LoadPlan, 'target'> => ({
  mode,
  clients,
  seconds: options.seconds,
  maxTurns: options['max-turns'],
  turnsPerSession: options['turns-per-session'],
  windowTurns: options['window-turns'],
});

/** Over every round of ours, warm-ups included: they are in the log too. */
async function countTurns(stage: BenchStage, rounds: readonly Round[]): Promise<TurnCounts> {
  const ours = rounds.filter(({ contender }) => contender === ourName);
  const answered = answeredBy(ourName, rounds);
  const twinCalls = ours.reduce((sum, round) => sum + round.twinCalls, 0);
  return { twinCalls, answered, ...(await ledgerCounts(stage.service.dataDir)) };
}

const answeredBy = (name: string, rounds: readonly Round[]): number =>
  rounds.reduce((sum, { contender, figures }) => sum + (contender === name ? figures.distinctTurns : 0), 0);
