import { TurnledgerProblem, type TurnledgerSession } from '@turnledger/shared/client';
import { visibleText } from '../terminal/visible.ts';
import { CallOff } from './call-off.ts';
import type { CliStage } from './cli-stage.ts';
import { type ExitCode, exitCodeOf, exitCodes, lineOf } from './exit-codes.ts';
import { openPlayInput } from './play-input.ts';
import type { PlayTable } from './play-table.ts';
import { sayLine } from './say-line.ts';
import { isSlashLine, runSlashLine } from './slash-commands.ts';

/**
 * Plays line by line until there is none any more, or the player leaves. Whatever is refused or fails is told, and the next line is taken;
 * without a person at the terminal the first failure decides the exit code, and nobody at the address is the end. Resolves to the exit
 * code; never rejects for what a line met with.
 */
export async function playChat(stage: CliStage, session: TurnledgerSession): Promise<ExitCode> {
  const leaving = new AbortController();
  let isInterrupted = false;
  const callOff = new CallOff(() => {
    isInterrupted = true;
    leaving.abort();
    input.close();
  });
  const input = openPlayInput(stage.streams, { onCtrlC: callOff.press, onLeave: () => leaving.abort() });
  const table: PlayTable = { stage, session, callOff, leaving };
  let firstFailure: ExitCode = exitCodes.fine;
  try {
    while (!leaving.signal.aborted) {
      const line = await input.next();
      if (line === undefined || leaving.signal.aborted) break;
      const { isOver, code } = await takeLine(table, line);
      if (!input.isTerminal && firstFailure === exitCodes.fine) firstFailure = code;
      if (isOver || (!input.isTerminal && code === exitCodes.nobodyAnswers)) break;
    }
  } finally {
    input.close();
  }
  if (input.isTerminal) stage.note('');
  return isInterrupted ? exitCodes.interrupted : firstFailure;
}

interface LineTaken {
  readonly isOver: boolean;
  readonly code: ExitCode;
}

async function takeLine(table: PlayTable, line: string): Promise<LineTaken> {
  const { stage, leaving } = table;
  if (line.trim() === '') return { isOver: false, code: exitCodes.fine };
  try {
    if (isSlashLine(line)) return { isOver: (await runSlashLine(table, line)) === 'leave', code: exitCodes.fine };
    const turn = await sayLine(table, line);
    if (stage.isJson) stage.printJson(turn);
    const isWell = turn.status === 'completed' || turn.status === 'cancelled';
    return { isOver: false, code: isWell ? exitCodes.fine : exitCodes.refused };
  } catch (error) {
    if (leaving.signal.aborted) return { isOver: true, code: exitCodes.fine };
    stage.note(lineOf(error, stage.url));
    if (error instanceof TurnledgerProblem && error.fallback !== undefined) stage.print(visibleText(error.fallback));
    return { isOver: false, code: exitCodeOf(error) };
  }
}
