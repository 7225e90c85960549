import { type AskedProcess, startAskedProcess } from './asked-process.ts';
import { type BenchStage, openStage } from './bench-stage.ts';
import type { TimedCall, TwinCount } from './twin-process.ts';

/** The endpoint that batches ask; players' turns ask the stage's own twin, which answers at once. */
export const CANDIDATE = 'candidate';

/** A load stage whose service knows a second model, with a twin and a fixed time of its own. */
export interface RerunsStage {
  readonly stage: BenchStage;
  /** What the candidate takes for a reply. */
  readonly replyMs: number;
  candidate(): Promise<TwinCount>;
  /** The candidate's calls after the first so many that have ended. */
  timesAfter(calls: number): Promise<readonly TimedCall[]>;
  close(): Promise<void>;
}

/** Starts it; what was started is stopped again when something does not start. */
export async function openRerunsStage(options: {
  readonly replyMs: number;
  readonly windowTurns: number;
  readonly dataDir?: string;
}): Promise<RerunsStage> {
  const { replyMs, ...stageOptions } = options;
  const candidate: AskedProcess = await startAskedProcess('bench/processes/twin-process');
  try {
    const { url } = await candidate.ask<TwinCount>({ kind: 'open', behaviour: { latencyMs: replyMs } });
    const endpoints = { [CANDIDATE]: { base_url: url, model: 'bench-2' } };
    const env = { TURNLEDGER_ENDPOINTS: JSON.stringify(endpoints) };
    const stage = await openStage({ ...stageOptions, hasPortkey: false, env });
    return {
      stage,
      replyMs,
      candidate: () => candidate.ask<TwinCount>({ kind: 'calls' }),
      timesAfter: (after) => candidate.ask<readonly TimedCall[]>({ kind: 'times', after }),
      async close() {
        await stage.close();
        await candidate.stop();
      },
    };
  } catch (error) {
    await candidate.stop();
    throw error;
  }
}
