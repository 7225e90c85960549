import type { TurnledgerClient, TurnledgerSession } from '@turnledger/shared/client';
import { type Command, Option } from 'commander';
import { visible } from '../terminal/visible.ts';
import type { CliStage, OpenStage } from './cli-stage.ts';
import { playChat } from './play-chat.ts';

interface PlayFlags {
  readonly scenario?: string;
  readonly player?: string;
  readonly game?: string;
  readonly session?: string;
}

/** A session that is there, or a new one; and what a person is told of it. */
async function takeSession(
  client: TurnledgerClient,
  { session: sessionId, scenario, player, game }: PlayFlags,
): Promise<{ readonly session: TurnledgerSession; readonly about: string }> {
  if (sessionId !== undefined) {
    const session = client.session(sessionId);
    const { scenario: played, turns } = await session.read();
    return { session, about: `session ${session.id}, ${played.id} version ${played.version}, ${turns} turns so far` };
  }
  const session = await client.startSession({
    ...(scenario !== undefined && { scenarioId: scenario }),
    ...(player !== undefined && { playerId: player }),
    ...(game !== undefined && { gameId: game }),
  });
  const { id, version } = session.record.scenario;
  return { session, about: `session ${session.id}, ${id} version ${version}` };
}

/** `turnledger play`: a chat at the terminal, or with the lines of a pipe. */
export function addPlayCommand(program: Command, openStage: OpenStage): void {
  program
    .command('play')
    .description('talk with a character; /help in it lists what else there is')
    .option('--scenario <id>', 'whom to talk with; the scenario `default` unless given')
    .option('--player <id>', "who talks, by the game's own id")
    .option('--game <id>', 'which game the session is of')
    .addOption(new Option('--session <id>', 'a session to go on with').conflicts(['scenario', 'player', 'game']))
    .action(async (flags: PlayFlags, command: Command) => {
      const stage: CliStage = openStage(command);
      const { session, about } = await takeSession(stage.client, flags);
      stage.note(visible(about));
      stage.endWith(await playChat(stage, session));
    });
}
