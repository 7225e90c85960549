import { type Turn, TurnledgerProblem, type TurnledgerSession } from '@turnledger/shared/client';
import { lineOf } from './exit-codes.ts';
import type { PlayTable } from './play-table.ts';
import { ReplyText } from './reply-text.ts';

/**
 * Says a line in the session and shows the reply as it comes; Ctrl-C meanwhile cancels the turn, and what was said of it stays. One key for
 * the line, over all retries. Resolves to the turn as it ended, badly too; rejects with TurnledgerProblem for what was refused, and when the
 * player leaves before the ending.
 */
export async function sayLine(table: PlayTable, line: string): Promise<Turn> {
  const { session, stage, callOff, leaving } = table;
  const write = (text: string) => stage.streams.stdout.write(text);
  const reply = new ReplyText({ write, note: stage.note });
  const stream = session.stream(line, { signal: leaving.signal });
  let turnId: string | undefined;
  let cancelling: Promise<void> | undefined;
  let isCalledOff = false;
  const cancel = () => {
    isCalledOff = true;
    if (turnId !== undefined) cancelling ??= cancelTurn(table, session, turnId);
  };
  const follow = async (): Promise<Turn> => {
    for await (const event of stream) {
      if (event.type === 'turn.requested') {
        turnId = event.turnId;
        // Pressed before the turn was in the log: there was nothing to cancel yet.
        if (isCalledOff) cancel();
      }
      if (!stage.isJson) reply.take(event);
      if ('turn' in event) return event.turn;
    }
    return stream.turn;
  };
  try {
    return await callOff.during(cancel, follow);
  } finally {
    reply.breakOff();
    await cancelling;
  }
}

/** Its turn may end while the request is on its way, which is as good; any other refusal is told, and the reply goes on. */
async function cancelTurn({ stage, leaving }: PlayTable, session: TurnledgerSession, turnId: string): Promise<void> {
  try {
    await session.cancelTurn(turnId, { signal: leaving.signal });
  } catch (problem) {
    const hasEnded = problem instanceof TurnledgerProblem && problem.code === 'turn_already_ended';
    if (hasEnded || leaving.signal.aborted) return;
    stage.note(`It could not be cancelled. ${lineOf(problem, stage.url)}`);
  }
}
