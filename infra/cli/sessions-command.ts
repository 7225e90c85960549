import type { Session, SessionFilter } from '@turnledger/shared/client';
import { limits } from '@turnledger/shared/contracts';
import { type Command, Option } from 'commander';
import { cell } from './cell-text.ts';
import type { OpenStage } from './cli-stage.ts';
import { rowCount } from './flag-values.ts';
import { type ListLayout, printList } from './print-list.ts';

interface SessionsFlags {
  readonly player?: string;
  readonly game?: string;
  readonly scenario?: string;
  readonly status?: Session['status'];
  readonly limit: number;
}

/** A session as a row of the table. */
export const sessionLayout: ListLayout<Session> = {
  heading: ['started at', 'session', 'status', 'turns', 'scenario', 'player', 'game', 'outcome'],
  cellsOf: ({ startedAt, id, status, turns, scenario, playerId, gameId, outcome }) => [
    startedAt,
    id,
    status,
    String(turns),
    `${scenario.id} ${scenario.version}`,
    cell(playerId),
    cell(gameId),
    cell(outcome),
  ],
  none: 'There are no such sessions.',
};

const filterOf = ({ player, game, scenario, status }: SessionsFlags): SessionFilter => ({
  ...(player !== undefined && { playerId: player }),
  ...(game !== undefined && { gameId: game }),
  ...(scenario !== undefined && { scenarioId: scenario }),
  ...(status !== undefined && { status }),
});

/** `turnledger sessions`: which there are, newest first. */
export function addSessionsCommand(program: Command, openStage: OpenStage): void {
  program
    .command('sessions')
    .description('list sessions, newest first')
    .option('--player <id>', "of this player, by the game's own id")
    .option('--game <id>', 'of this game')
    .option('--scenario <id>', 'of this scenario')
    .addOption(new Option('--status <status>', 'as they are now').choices(['open', 'ended']))
    .option('--limit <n>', 'at most so many', rowCount, limits.commandLine.defaultListed)
    .action(async (flags: SessionsFlags, command: Command) => {
      const stage = openStage(command);
      await printList(stage, stage.client.sessions(filterOf(flags)), { max: flags.limit, layout: sessionLayout });
    });
}
