import type { RerunFilter, RerunRow } from '@turnledger/shared/client';
import { limits, rerunStatuses } from '@turnledger/shared/contracts';
import { type Command, Option } from 'commander';
import { cell, dollars } from './cell-text.ts';
import type { OpenStage } from './cli-stage.ts';
import { rowCount } from './flag-values.ts';
import { type ListLayout, printList } from './print-list.ts';
import { hyphened } from './rerun-text.ts';

interface RerunsFlags {
  readonly scenario?: string;
  readonly game?: string;
  readonly status?: RerunRow['status'];
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

/** A re-run as a row of the table. */
export const rerunLayout: ListLayout<RerunRow> = {
  heading: ['requested at', 're-run', 'status', 'turns', 'failed', 'USD', 'scenario', 'gate', 'mode', 'game'],
  cellsOf: (row) => [
    row.requestedAt,
    row.id,
    row.status,
    `${row.compared} of ${row.turns}`,
    String(row.failed),
    dollars(row.spentMicroUsd),
    row.scenarioId,
    cell(row.gateVersion),
    hyphened(row.mode),
    cell(row.gameId),
  ],
  none: 'There are no such re-runs.',
};

const filterOf = ({ scenario, game, status, from, to }: RerunsFlags): RerunFilter => ({
  ...(scenario !== undefined && { scenarioId: scenario }),
  ...(game !== undefined && { gameId: game }),
  ...(status !== undefined && { status }),
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

/** `turnledger reruns`: which there are, newest first. */
export function addRerunsCommand(program: Command, openStage: OpenStage): void {
  program
    .command('reruns')
    .description('list re-runs, newest first')
    .option('--scenario <id>', 'of this scenario')
    .option('--game <id>', 'of this game')
    .addOption(new Option('--status <status>', 'as they are now').choices(rerunStatuses))
    .option('--from <time>', 'asked for from then on: a date, or a time with its zone')
    .option('--to <time>', 'asked for before then; of a date, its end')
    .option('--limit <n>', 'at most so many', rowCount, limits.commandLine.defaultListed)
    .action(async (flags: RerunsFlags, command: Command) => {
      const stage = openStage(command);
      await printList(stage, stage.client.reruns(filterOf(flags)), { max: flags.limit, layout: rerunLayout });
    });
}
