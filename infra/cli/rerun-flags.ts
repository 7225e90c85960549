import type { RerunChanges, RerunManner, SessionSelection } from '@turnledger/shared/client';
import { limits } from '@turnledger/shared/contracts';
import { type Command, Option } from 'commander';
import { microUsd, modelPlace, numberFrom, versionNumber, wholeNumberFrom } from './flag-values.ts';

const { rerun, scenario } = limits;

/** How turns are asked again. */
export interface MannerFlags {
  readonly mode?: 'teacher-forced' | 'free-running';
  readonly reuse: boolean;
  readonly concurrency?: number;
  /** Millionths of a dollar; named by its flag, which is given dollars. */
  readonly spendCapUsd?: number;
  readonly wait: boolean;
}

/** Whose recorded turns. */
export interface SelectionFlags {
  readonly scenarioVersion?: number;
  readonly game?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What is asked otherwise. */
export interface ChangeFlags {
  readonly model?: ReturnType<typeof modelPlace>;
  readonly withVersion?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
}

export const addMannerFlags = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--mode <mode>',
        'after its recorded history each, or as the new answers go on; teacher-forced unless given',
      ).choices(['teacher-forced', 'free-running']),
    )
    .option('--no-reuse', 'ask also what would be asked as it was recorded')
    .option('--concurrency <n>', 'so many turns at once', wholeNumberFrom(1, rerun.maxConcurrency))
    .option('--spend-cap-usd <dollars>', 'ask no turn that may cost more than is left', microUsd)
    .option('--no-wait', 'print its id and end');

export const addSelectionFlags = (command: Command): Command =>
  command
    .option('--scenario-version <n>', 'sessions that play this version', versionNumber)
    .option('--game <id>', 'sessions of this game')
    .option('--from <time>', 'sessions begun then or later: a time with its zone')
    .option('--to <time>', 'sessions begun before that');

export const addChangeFlags = (command: Command): Command =>
  command
    .option('--model <name@endpoint>', 'ask this model; @endpoint is its default one', modelPlace)
    .option('--with-version <n>', 'ask under this version of the scenario', versionNumber)
    .option('--temperature <n>', 'with this temperature', numberFrom(0, 2))
    .option('--top-p <n>', 'with this top_p', numberFrom(0, 1))
    .option('--max-tokens <n>', 'for so many tokens', wholeNumberFrom(1, scenario.maxReplyTokens));

export const mannerOf = ({ mode, reuse, concurrency, spendCapUsd }: MannerFlags): RerunManner => ({
  ...(mode !== undefined && { mode: mode === 'free-running' ? 'free_running' : 'teacher_forced' }),
  ...(!reuse && { reuse }),
  ...(concurrency !== undefined && { concurrency }),
  ...(spendCapUsd !== undefined && { spendCapMicroUsd: spendCapUsd }),
});

export const selectionOf = ({ scenarioVersion, game, from, to }: SelectionFlags): SessionSelection => ({
  ...(scenarioVersion !== undefined && { scenarioVersion }),
  ...(game !== undefined && { gameId: game }),
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

export const changesOf = ({ model, withVersion, temperature, topP, maxTokens }: ChangeFlags): RerunChanges => ({
  ...(model !== undefined && { model }),
  ...(withVersion !== undefined && { scenarioVersion: withVersion }),
  ...(temperature !== undefined && { temperature }),
  ...(topP !== undefined && { topP }),
  ...(maxTokens !== undefined && { maxTokens }),
});
