import type { Rerun } from '@turnledger/shared/client';
import { visible } from '../terminal/visible.ts';
import type { CliStage } from './cli-stage.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { rerunProgress } from './rerun-progress.ts';
import { rerunLines } from './rerun-text.ts';

/** How the command ends for a re-run that is over: well if it came through, and so did the version that waited for it. */
export const exitCodeOfRerun = ({ status, gate }: Pick<Rerun, 'status' | 'gate'>): ExitCode =>
  status === 'completed' && (gate === null || gate.outcome === 'passed') ? exitCodes.fine : exitCodes.refused;

/** Shows a re-run that was just asked for, or only its id where nobody is to wait. Rejects with TurnledgerProblem, the re-run going on. */
export async function showRerun(stage: CliStage, rerun: Rerun, { wait }: { readonly wait: boolean }): Promise<void> {
  const { isJson, print, printJson } = stage;
  if (wait) await awaitToEnd(stage, rerun);
  else if (isJson) printJson(rerun);
  else print(visible(rerun.id));
}

/** Ctrl-C leaves the re-run alone, for it has been asked for, and says how to end it; a second one ends the program in any case. */
async function awaitToEnd(stage: CliStage, { id: rerunId, progress: asked }: Rerun): Promise<void> {
  const { client, isJson, printJson, progress, note } = stage;
  const id = visible(rerunId);
  const leaving = new AbortController();
  const onCtrlC = () => leaving.abort();
  process.once('SIGINT', onCtrlC);
  note(`re-run ${id}: ${asked.turns} turns of ${asked.sessions} sessions`);
  try {
    const rerun = await client.awaitRerun(rerunId, {
      signal: leaving.signal,
      onProgress: (now) => {
        if (!isJson) progress.show(rerunProgress(now));
      },
    });
    progress.clear();
    if (isJson) printJson(rerun);
    else for (const line of rerunLines(rerun)) stage.print(line);
    stage.endWith(exitCodeOfRerun(rerun));
  } catch (problem) {
    progress.clear();
    note(`It goes on: turnledger diff ${id} shows how far it is, turnledger rerun --cancel ${id} ends it.`);
    if (!leaving.signal.aborted) throw problem;
    stage.endWith(exitCodes.interrupted);
  } finally {
    process.off('SIGINT', onCtrlC);
  }
}
