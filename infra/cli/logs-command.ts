import type { CallFilter, ModelCall } from '@turnledger/shared/client';
import { callStatuses, limits } from '@turnledger/shared/contracts';
import { type Command, Option } from 'commander';
import { cell, dollars, NOTHING } from './cell-text.ts';
import type { OpenStage } from './cli-stage.ts';
import { rowCount } from './flag-values.ts';
import { type ListLayout, printList } from './print-list.ts';

interface LogsFlags {
  readonly session?: string;
  readonly game?: string;
  readonly scenario?: string;
  readonly model?: string;
  readonly status?: ModelCall['status'];
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

/** A model call as a row of the table. */
export const callLayout: ListLayout<ModelCall> = {
  heading: ['started at', 'session', 'attempt', 'model', 'endpoint', 'status', 'tokens', 'USD', 'ms', 'error'],
  cellsOf: ({ startedAt, sessionId, attempt, model, endpoint, status, usage, costMicroUsd, durationMs, error }) => [
    startedAt,
    sessionId,
    String(attempt),
    model,
    endpoint,
    status,
    usage ? `${usage.promptTokens}+${usage.completionTokens}` : NOTHING,
    usage ? dollars(costMicroUsd) : NOTHING,
    cell(durationMs),
    error ? [error.code, error.providerStatus].filter((member) => member !== null).join(' ') : NOTHING,
  ],
  none: 'There are no such calls of a model.',
};

const filterOf = ({ session, game, scenario, model, status, from, to }: LogsFlags): CallFilter => ({
  ...(session !== undefined && { sessionId: session }),
  ...(game !== undefined && { gameId: game }),
  ...(scenario !== undefined && { scenarioId: scenario }),
  ...(model !== undefined && { model }),
  ...(status !== undefined && { status }),
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

/** `turnledger logs`: which models were asked, what came of it and what it cost. */
export function addLogsCommand(program: Command, openStage: OpenStage): void {
  program
    .command('logs')
    .description('list model calls, newest first')
    .option('--session <id>', 'of this session')
    .option('--game <id>', 'of this game')
    .option('--scenario <id>', 'of this scenario')
    .option('--model <name>', 'of this model')
    .addOption(new Option('--status <status>', 'what came of it').choices(callStatuses))
    .option('--from <time>', 'begun from then on: a date, or a time with its zone')
    .option('--to <time>', 'begun before then; of a date, its end')
    .option('--limit <n>', 'at most so many', rowCount, limits.commandLine.defaultListed)
    .action(async (flags: LogsFlags, command: Command) => {
      const stage = openStage(command);
      await printList(stage, stage.client.modelCalls(filterOf(flags)), { max: flags.limit, layout: callLayout });
    });
}
