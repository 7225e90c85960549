import { snakeCased, type Usage, type UsageCounts, type UsageQuery, type UsageRow } from '@turnledger/shared/client';
import { type Command, Option } from 'commander';
import { textTable } from '../terminal/text-table.ts';
import { cell, dollars } from './cell-text.ts';
import type { OpenStage } from './cli-stage.ts';

const groupings = ['day', 'game', 'scenario', 'model'] as const;
type Grouping = (typeof groupings)[number];

interface UsageFlags {
  readonly from?: string;
  readonly to?: string;
  readonly by: Grouping;
  readonly game?: string;
  readonly scenario?: string;
}

const keyOf: { readonly [by in Grouping]: (row: UsageRow) => string } = {
  day: ({ day }) => cell(day),
  game: ({ gameId }) => cell(gameId),
  scenario: ({ scenarioId }) => cell(scenarioId),
  model: ({ model }) => cell(model),
};

const countsOf = (counts: UsageCounts): readonly string[] => [
  String(counts.turnsCompleted),
  String(counts.turns - counts.turnsCompleted),
  String(counts.calls),
  String(counts.promptTokens),
  String(counts.completionTokens),
  dollars(counts.costMicroUsd),
];

/** The sums as lines: a row for each group, and the total of all. */
export function usageText({ rows, totals, hasMore, from, to }: Usage, by: Grouping): readonly string[] {
  const table = textTable([
    [by, 'completed', 'other ends', 'calls', 'tokens in', 'tokens out', 'USD'],
    ...rows.map((row) => [keyOf[by](row), ...countsOf(row)]),
    [hasMore ? 'all, more than shown' : 'all', ...countsOf(totals)],
  ]);
  const unpriced =
    totals.unpricedCalls > 0 ? [`${totals.unpricedCalls} calls have no known price and are not in it.`] : [];
  return [`${from} to ${to}, both included, UTC`, ...table, ...unpriced];
}

/** Its rows stand under `data` on the wire, whose content the renaming leaves as it is. */
const wireUsage = ({ rows, ...rest }: Usage): object => ({ ...rest, data: rows.map((row) => snakeCased<object>(row)) });

const queryOf = ({ from, to, by, game, scenario }: UsageFlags): UsageQuery => ({
  by,
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
  ...(game !== undefined && { gameId: game }),
  ...(scenario !== undefined && { scenarioId: scenario }),
});

/** `turnledger usage`: turns, tokens and money. With `--json` one document. */
export function addUsageCommand(program: Command, openStage: OpenStage): void {
  program
    .command('usage')
    .description('sum turns, tokens and costs')
    .option('--from <date>', 'first day, UTC; 30 days back unless given')
    .option('--to <date>', 'last day; today unless given')
    .addOption(new Option('--by <what>', 'what a row is of').choices(groupings).default('day'))
    .option('--game <id>', 'of this game')
    .option('--scenario <id>', 'of this scenario')
    .action(async (flags: UsageFlags, command: Command) => {
      const { client, isJson, print, printJson } = openStage(command);
      const usage = await client.usage(queryOf(flags));
      if (isJson) printJson(wireUsage(usage));
      else for (const line of usageText(usage, flags.by)) print(line);
    });
}
