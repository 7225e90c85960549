import type { LoadFigures, LoadMode, LoadPlan, LoadTarget } from '../load/load-plan.ts';
import { familyCpuMs } from '../processes/process-cost.ts';
import type { Progress } from '../report/bench-report.ts';
import { figure } from '../report/markdown-table.ts';

/** Somebody who answers turns, and what the run must know about them. */
export interface Contender {
  readonly name: string;
  readonly target: LoadTarget;
  /** The process that answers; absent for one that is not a process of its own. */
  readonly pid?: number;
  /** Its PostgreSQL's postmaster. */
  readonly databasePid?: number;
}

/** One round of one contender. */
export interface Round {
  readonly contender: string;
  readonly mode: LoadMode;
  readonly clients: number;
  readonly figures: LoadFigures;
  /** Requests that reached the twin meanwhile. */
  readonly twinCalls: number;
  /** Processor time of the contender's process for one turn, milliseconds; NaN where the system does not tell. */
  readonly processMsPerTurn: number;
  /** The same of its PostgreSQL, all backends together. */
  readonly databaseMsPerTurn: number;
  /** Of one processor, 0 to 1. */
  readonly twinLoad: number;
}

export interface AlternationStage {
  play(plan: LoadPlan): Promise<LoadFigures>;
  twin(): Promise<{ readonly totalCalls: number; readonly cpuMs: number }>;
}

export type RoundPlan = Omit<LoadPlan, 'target'>;

const cpuMsOf = async (pid: number | undefined): Promise<number> =>
  pid === undefined ? Number.NaN : ((await familyCpuMs(pid)) ?? Number.NaN);

/** One round, with the twin and the processors read before and after it. */
export async function playRound(stage: AlternationStage, contender: Contender, plan: RoundPlan): Promise<Round> {
  const { name, target, pid, databasePid } = contender;
  const look = async () => ({
    twin: await stage.twin(),
    processMs: await cpuMsOf(pid),
    databaseMs: await cpuMsOf(databasePid),
    atMs: performance.now(),
  });
  const before = await look();
  const figures = await stage.play({ ...plan, target });
  const after = await look();
  return {
    contender: name,
    mode: plan.mode,
    clients: plan.clients,
    figures,
    twinCalls: after.twin.totalCalls - before.twin.totalCalls,
    processMsPerTurn: (after.processMs - before.processMs) / figures.turns,
    databaseMsPerTurn: (after.databaseMs - before.databaseMs) / figures.turns,
    twinLoad: (after.twin.cpuMs - before.twin.cpuMs) / (after.atMs - before.atMs),
  };
}

/**
 * Rounds in the order ABCABC…, after one warm-up of each that is not reported (but returned as `warmUps`, since its turns are in the log
 * as well). Neighbours in time are what ratios are taken of.
 */
export async function alternateRounds(
  stage: AlternationStage,
  contenders: readonly Contender[],
  plan: RoundPlan,
  settings: { readonly rounds: number; readonly warmUpSeconds: number; readonly progress: Progress },
): Promise<{ readonly warmUps: readonly Round[]; readonly rounds: readonly Round[] }> {
  const warmUps: Round[] = [];
  const rounds: Round[] = [];
  for (const contender of contenders)
    warmUps.push(await playRound(stage, contender, { ...plan, seconds: settings.warmUpSeconds }));
  for (let index = 0; index < settings.rounds; index += 1) {
    for (const contender of contenders) rounds.push(await playRound(stage, contender, plan));
    const rates = rounds
      .slice(-contenders.length)
      .map((one) => `${one.contender} ${figure(one.figures.turnsPerSecond)}/s`);
    settings.progress(`${plan.mode}, ${plan.clients} clients, round ${index + 1}: ${rates.join(', ')}`);
  }
  return { warmUps, rounds };
}
