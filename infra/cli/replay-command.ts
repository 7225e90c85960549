import type { Replay, TurnledgerSession } from '@turnledger/shared/client';
import type { Command } from 'commander';
import type { CliStage, OpenStage } from './cli-stage.ts';
import { replaySpeed } from './flag-values.ts';
import { ReplyText } from './reply-text.ts';
import { askedText, turnLines } from './turn-text.ts';

interface ReplayFlags {
  readonly speed: number;
}

/** `turnledger replay`: a session as it was, from the log; no model is asked. */
export function addReplayCommand(program: Command, openStage: OpenStage): void {
  program
    .command('replay')
    .description('render a session again from its recorded events, at the pace at which it was played')
    .argument('<session>', "the session's id")
    .option('--speed <n>', 'times the recorded pace; 0 is at once', replaySpeed, 1)
    .action(async (sessionId: string, { speed }: ReplayFlags, command: Command) => {
      const stage = openStage(command);
      const session = stage.client.session(sessionId);
      const replay = await session.replay();
      if (stage.isJson) stage.printJson(replay);
      else if (speed === 0) for (const line of replay.turns.flatMap(turnLines)) stage.print(line);
      else await playBack(stage, session, replay, speed);
    });
}

/** The stream of a re-render has no prompts, as a follower of a turn knows what was said; they come from the document. */
async function playBack(
  { streams, print, progress }: CliStage,
  session: TurnledgerSession,
  { turns }: Replay,
  speed: number,
): Promise<void> {
  const reply = new ReplyText({ write: (text) => streams.stdout.write(text), note: print });
  const askedTurns = new Map(turns.map((turn) => [turn.id, turn]));
  let shown = 0;
  try {
    for await (const event of session.replayEvents({ speed })) {
      progress.clear();
      if (event.type === 'turn.requested') {
        // Two requests, and a turn may come between them: it is told without its prompt, which a second re-render has.
        print(askedText(askedTurns.get(event.turnId) ?? { ...event, prompt: '…', trigger: null }));
      }
      reply.take(event);
      if (!('turn' in event)) continue;
      shown += 1;
      // Between two turns alone: on the terminal that the words go to, a line that is written over would break them.
      progress.show(`turn ${shown} of ${Math.max(shown, turns.length)}, ${speed} times the recorded pace`);
    }
  } finally {
    progress.clear();
    reply.breakOff();
  }
}
