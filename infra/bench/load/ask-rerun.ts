import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RerunDocument } from '@turnledger/shared/contracts';
import { SCENARIO_ID } from '../processes/bench-scenario.ts';
import { wrongAnswer } from './player.ts';

export interface RerunAsked {
  readonly gameId: string;
  readonly mode: 'teacher_forced' | 'free_running';
  readonly concurrency: number;
  /** Absent: as it was recorded. */
  readonly endpoint?: string;
}

const SELECTED_WITHIN_MS = 10_000;
const ENDED_WITHIN_MS = 120_000;
/** Each look folds what is new in the stream, beside the batch that is measured. */
const LOOK_EVERY_MS = 250;

async function answerOf(answering: Promise<Response>, statuses: readonly number[]): Promise<unknown> {
  const response = await answering;
  const text = await response.text();
  if (!statuses.includes(response.status)) throw wrongAnswer(`a re-run: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

const post = ({ gameId, mode, concurrency, endpoint }: RerunAsked, dryRun: boolean): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', 'idempotency-key': `"${randomUUID()}"` },
  body: JSON.stringify({
    scenario_id: SCENARIO_ID,
    game_id: gameId,
    mode,
    concurrency,
    dry_run: dryRun,
    ...(endpoint !== undefined && { overrides: { model: { name: 'default', endpoint } } }),
  }),
});

/** Waits until a re-run would ask so many turns: sessions are found in a view, which follows the log. */
export async function untilSelected(url: string, asked: RerunAsked, turns: number): Promise<void> {
  const deadline = AbortSignal.timeout(SELECTED_WITHIN_MS);
  for (;;) {
    const response = await fetch(`${url}/v1/reruns`, post(asked, true));
    const text = await response.text();
    if (response.status === 200 && JSON.parse(text).turns === turns) return;
    if (deadline.aborted) throw wrongAnswer(`a re-run does not find its ${turns} turns: ${text.slice(0, 300)}`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Asks for a re-run and answers its id. */
export const requestRerun = async (url: string, asked: RerunAsked): Promise<string> =>
  ((await answerOf(fetch(`${url}/v1/reruns`, post(asked, false)), [202])) as RerunDocument).id;

/** The re-run once it is over; rejects after two minutes. */
export async function untilRerunEnded(url: string, rerunId: string): Promise<RerunDocument> {
  const deadline = AbortSignal.timeout(ENDED_WITHIN_MS);
  for (;;) {
    const rerun = (await answerOf(fetch(`${url}/v1/reruns/${rerunId}`), [200])) as RerunDocument;
    if (rerun.ended_at !== null) return rerun;
    if (deadline.aborted) throw wrongAnswer(`re-run ${rerunId} did not end: ${JSON.stringify(rerun.progress)}`);
    await sleep(LOOK_EVERY_MS);
  }
}
