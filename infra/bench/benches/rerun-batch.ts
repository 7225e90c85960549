import { setTimeout as sleep } from 'node:timers/promises';
import { type BusyShare, busyShare } from '../figures/busy-share.ts';
import { rerunSpan } from '../figures/rerun-counts.ts';
import { type RerunAsked, requestRerun, untilRerunEnded } from '../load/ask-rerun.ts';
import { type RecordedGroup, sessionSaidIn } from '../load/record-sessions.ts';
import { familyCpuMs } from '../processes/process-cost.ts';
import { CANDIDATE, type RerunsStage } from '../processes/reruns-stage.ts';
import type { TimedCall } from '../processes/twin-process.ts';

export type BatchPlan = Pick<RerunAsked, 'mode' | 'concurrency'> & { readonly group: RecordedGroup };

/** A batch that asked a model, from its request to its ending. */
export interface Batch extends BatchPlan {
  readonly busy: BusyShare;
  /** From the request to the first call at the model. */
  readonly firstCallMs: number;
  /** As the model saw them. */
  readonly callMs: number;
  /** Processor time of the service's process for one turn; NaN where the system does not tell. */
  readonly processMsPerTurn: number;
  /** Why it does not count. */
  readonly faults: readonly string[];
}

/** A batch in which each reply was taken over. */
export interface ReusedBatch extends BatchPlan {
  readonly turnsPerSecond: number;
  readonly faults: readonly string[];
}

const FIRST_CALL_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 10;

const nowMs = (): number => performance.timeOrigin + performance.now();
const nameOf = ({ mode, concurrency }: BatchPlan) => `${mode}, ${concurrency} at once`;

/**
 * Asks a group's turns of the candidate; `beside` is done while the batch is under way, and has to be over while there is still work for all of
 * its places. Turns, comparisons, completed turns and calls at the model must be as many, and no turn may be asked twice.
 */
export async function runBatch(
  { stage, candidate, timesAfter, replyMs }: RerunsStage,
  plan: BatchPlan,
  beside?: () => Promise<void>,
): Promise<Batch> {
  const { group, mode, concurrency } = plan;
  const { url, pid } = stage.service;
  const faults: string[] = [];
  const { totalCalls: before } = await candidate();
  const cpuBeforeMs = (await familyCpuMs(pid)) ?? Number.NaN;
  const askedAtMs = nowMs();
  const rerunId = await requestRerun(url, { gameId: group.gameId, mode, concurrency, endpoint: CANDIDATE });
  if (beside) {
    const deadline = AbortSignal.timeout(FIRST_CALL_WITHIN_MS);
    while ((await candidate()).totalCalls === before && !deadline.aborted) await sleep(LOOK_EVERY_MS);
    await beside();
    const left = group.turns - ((await candidate()).totalCalls - before);
    if (left < concurrency) faults.push(`${nameOf(plan)}: ${left} calls were left when the live turns were over`);
  }
  const rerun = await untilRerunEnded(url, rerunId);
  const cpuMs = ((await familyCpuMs(pid)) ?? Number.NaN) - cpuBeforeMs;
  const times = await timesAfter(before);
  const { compared, completed, turns } = rerun.progress;
  const counts = {
    turns,
    compared,
    completed,
    calls: (await candidate()).totalCalls - before,
    'different prompts': new Set(times.map(({ said }) => said)).size,
  };
  faults.push(...unequal(plan, counts));
  const seen = times.map((call) => ({ ...call, lane: laneOf(call, mode) }));
  return {
    ...plan,
    busy: busyShare(seen, concurrency, replyMs),
    firstCallMs: Math.min(...times.map(({ beganAtMs }) => beganAtMs)) - askedAtMs,
    callMs: times.reduce((sum, { beganAtMs, endedAtMs }) => sum + endedAtMs - beganAtMs, 0) / times.length,
    processMsPerTurn: cpuMs / turns,
    faults,
  };
}

/** Asks a group's turns again as they were: nobody may be asked. The rate is from the first session that was opened to the ending. */
export async function runReusedBatch({ stage, candidate }: RerunsStage, plan: BatchPlan): Promise<ReusedBatch> {
  const { group, mode, concurrency } = plan;
  const { url, dataDir } = stage.service;
  const calls = async () => (await stage.twin()).totalCalls + (await candidate()).totalCalls;
  const before = await calls();
  const rerunId = await requestRerun(url, { gameId: group.gameId, mode, concurrency });
  const rerun = await untilRerunEnded(url, rerunId);
  const { compared, reused, turns } = rerun.progress;
  const asked = (await calls()) - before;
  const { beganAtMs, endedAtMs } = await rerunSpan(dataDir, rerunId);
  return {
    ...plan,
    turnsPerSecond: (turns * 1_000) / (endedAtMs - beganAtMs),
    faults: [
      ...unequal(plan, { turns, compared, reused }),
      ...(asked === 0 ? [] : [`${nameOf(plan)}: ${asked} calls where each reply was there`]),
    ],
  };
}

/** Where the new answers carry on, a session's calls follow one another; else each is a lane. */
const laneOf = ({ said }: TimedCall, mode: BatchPlan['mode']) => (mode === 'free_running' ? sessionSaidIn(said) : said);

const unequal = (plan: BatchPlan, counts: { readonly [name: string]: number }): readonly string[] =>
  Object.entries(counts)
    .filter(([, count]) => count !== plan.group.turns)
    .map(([name, count]) => `${nameOf(plan)}: ${name} is ${count}, but ${plan.group.turns} turns were recorded`);
