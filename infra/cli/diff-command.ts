import type { Rerun, RerunTurn } from '@turnledger/shared/client';
import type { Command } from 'commander';
import { diffMarks } from '../terminal/marked-diff.ts';
import { visible } from '../terminal/visible.ts';
import type { CliStage, OpenStage } from './cli-stage.ts';
import { rerunLines } from './rerun-text.ts';
import { rerunTurnLines } from './rerun-turn-text.ts';

interface DiffFlags {
  readonly all?: boolean;
}

/** How often a person who waits for many turns is told how far it is. */
const TURNS_PER_PROGRESS = 100;

/** `turnledger diff`: the turns of a re-run beside the recorded ones, and what they come to. With `--json` a turn a line, the re-run last. */
export function addDiffCommand(program: Command, openStage: OpenStage): void {
  program
    .command('diff')
    .description('show what was recorded against what a re-run got, word by word')
    .argument('<rerun>', "the re-run's id")
    .option('--all', 'also the turns that ended alike')
    .action(async (rerunId: string, { all = false }: DiffFlags, command: Command) => {
      const stage = openStage(command);
      const turns = await readTurns(stage, rerunId, all);
      // Behind its turns: of one that still runs, no turn was shown that it does not count.
      const rerun = await stage.client.rerun(rerunId);
      const sorted = inOrder(turns, rerun);
      if (stage.isJson) for (const document of [...sorted, rerun]) stage.printJson(document);
      else show(stage, sorted, rerun);
    });
}

/** They come as they were compared, which is no order for a reader: all of them are read before one is shown. */
async function readTurns(
  { client, isJson, progress }: CliStage,
  rerunId: string,
  all: boolean,
): Promise<readonly RerunTurn[]> {
  const turns: RerunTurn[] = [];
  try {
    for await (const turn of client.rerunTurns(rerunId, all ? {} : { diverged: 'only' })) {
      turns.push(turn);
      if (!isJson && turns.length % TURNS_PER_PROGRESS === 0) progress.show(`${turns.length} read`);
    }
  } finally {
    progress.clear();
  }
  return turns;
}

/** Session after session as the re-run has them, each in its own order. */
export function inOrder(turns: readonly RerunTurn[], { sessions }: Pick<Rerun, 'sessions'>): readonly RerunTurn[] {
  const placeOf = new Map(sessions.map(({ sessionId }, place) => [sessionId, place]));
  const place = ({ sessionId }: RerunTurn) => placeOf.get(sessionId) ?? sessions.length;
  return turns.toSorted((one, other) => place(one) - place(other) || one.position - other.position);
}

function show({ streams, print, note }: CliStage, turns: readonly RerunTurn[], rerun: Rerun): void {
  const { stdout } = streams;
  const marks = diffMarks(stdout.isTTY === true && stdout.hasColors?.() === true);
  let shown: string | undefined;
  for (const turn of turns) {
    if (turn.sessionId !== shown) print(`session ${visible(turn.sessionId)}`);
    shown = turn.sessionId;
    // Not by `print`, which would take the colours out.
    for (const line of rerunTurnLines(turn, marks)) stdout.write(`${line}\n`);
    print('');
  }
  for (const line of rerunLines(rerun)) print(line);
  if (rerun.status === 'running' || rerun.status === 'cancelling') note('It has not ended: more turns may come.');
}
