import type { RerunTarget } from '@turnledger/shared/client';
import { type Command, Option } from 'commander';
import { visible } from '../terminal/visible.ts';
import type { CliStage, OpenStage } from './cli-stage.ts';
import { wrongUse } from './exit-codes.ts';
import {
  addChangeFlags,
  addMannerFlags,
  addSelectionFlags,
  type ChangeFlags,
  changesOf,
  type MannerFlags,
  mannerOf,
  type SelectionFlags,
  selectionOf,
} from './rerun-flags.ts';
import { estimateLines } from './rerun-text.ts';
import { showRerun } from './show-rerun.ts';

interface RerunFlags extends MannerFlags, SelectionFlags, ChangeFlags {
  readonly through?: string;
  readonly scenario?: string;
  readonly dryRun?: boolean;
  readonly cancel?: string;
}

/** Whose turns are meant. Throws `config_invalid` unless it is one session or one scenario's. */
export function rerunTarget(sessionId: string | undefined, flags: RerunFlags): RerunTarget {
  const { scenario: scenarioId, through: throughTurnId } = flags;
  const selection = selectionOf(flags);
  if (sessionId !== undefined && scenarioId === undefined) {
    if (Object.keys(selection).length > 0)
      throw wrongUse('--scenario-version, --game, --from and --to choose among the sessions of a --scenario');
    return { sessionId, ...(throughTurnId !== undefined && { throughTurnId }) };
  }
  if (sessionId !== undefined || scenarioId === undefined)
    throw wrongUse("name a session, or --scenario for its sessions' turns");
  if (throughTurnId !== undefined) throw wrongUse('--through names a turn of one session');
  return { scenarioId, ...selection };
}

/** `turnledger rerun`: recorded turns asked again, and compared with what was recorded. */
export function addRerunCommand(program: Command, openStage: OpenStage): void {
  const command = program
    .command('rerun')
    .description('ask recorded turns again, otherwise, and compare')
    .argument('[session]', "the session's id")
    .option('--through <turn>', 'the last turn of it to ask; the newest that has ended unless given')
    .option('--scenario <id>', 'instead of one session: those of this scenario');
  for (const add of [addSelectionFlags, addChangeFlags, addMannerFlags]) add(command);
  command
    .option('--dry-run', 'print what it would take and ask nobody')
    .addOption(new Option('--cancel <rerun>', 'end one that runs').conflicts(['scenario', 'dryRun']))
    .addHelpText('after', '\nEnds with 1 unless it was completed. Ctrl-C ends the waiting, not the re-run.')
    .action(async (sessionId: string | undefined, flags: RerunFlags, self: Command) => {
      const stage = openStage(self);
      if (flags.cancel !== undefined) await cancel(stage, flags.cancel, sessionId);
      else await rerun(stage, rerunTarget(sessionId, flags), flags);
    });
}

async function rerun(stage: CliStage, target: RerunTarget, flags: RerunFlags): Promise<void> {
  const { client, isJson, print, printJson } = stage;
  const options = { overrides: changesOf(flags), ...mannerOf(flags) };
  if (!flags.dryRun) return showRerun(stage, await client.requestRerun(target, options), flags);
  const estimate = await client.estimateRerun(target, options);
  if (isJson) printJson(estimate);
  else for (const line of estimateLines(estimate)) print(line);
}

async function cancel({ client, isJson, print, printJson }: CliStage, rerunId: string, sessionId: string | undefined) {
  if (sessionId !== undefined) throw wrongUse('--cancel names a re-run, and no session beside it');
  const rerun = await client.cancelRerun(rerunId);
  if (isJson) printJson(rerun);
  else print(`re-run ${visible(rerun.id)}: ${visible(rerun.status)}`);
}
