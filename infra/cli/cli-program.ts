import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { visible } from '../terminal/visible.ts';
import { type CliStreams, stageOpener } from './cli-stage.ts';
import { DEFAULT_URL } from './connection-flags.ts';
import { addDiffCommand } from './diff-command.ts';
import type { ExitCode } from './exit-codes.ts';
import { addGateCommand } from './gate-command.ts';
import { addLogsCommand } from './logs-command.ts';
import { addPlayCommand } from './play-command.ts';
import { addReplayCommand } from './replay-command.ts';
import { addRerunCommand } from './rerun-command.ts';
import { addRerunsCommand } from './reruns-command.ts';
import { addSessionsCommand } from './sessions-command.ts';
import { addUsageCommand } from './usage-command.ts';
import { addWatchCommand } from './watch-command.ts';

/** In the order of the help; a new command is a file and its line here. */
const commands = [
  addPlayCommand,
  addSessionsCommand,
  addReplayCommand,
  addWatchCommand,
  addLogsCommand,
  addUsageCommand,
  addRerunCommand,
  addDiffCommand,
  addGateCommand,
  addRerunsCommand,
];

const packageFile = new URL(
  import.meta.url.endsWith('.js') ? '../../package.json' : '../package.json',
  import.meta.url,
);

const versionOf = (file: URL): string => String(JSON.parse(readFileSync(file, 'utf8')).version);

/** What commander says of a mistake, in one line: a likely name stands in a line of its own. */
const mistakeLine = (text: string): string =>
  visible(
    text
      .trim()
      .replace(/^error: /, '')
      .replace('\n(Did', ' (Did'),
  );

/**
 * The command line, on these streams; `endWith` is told how the program is to end. Parsing rejects with commander's CommanderError where it
 * has told everything itself, and with what the commands reject with.
 */
export function createCliProgram(streams: CliStreams, endWith: (code: ExitCode) => void): Command {
  const program = new Command('turnledger')
    .description('What was played on a Turnledger, and a chat with its characters.')
    .version(versionOf(packageFile), '--version', 'print the version')
    .addOption(
      new Option('--url <url>', 'where it answers')
        .env('TURNLEDGER_URL')
        .default(DEFAULT_URL)
        // An empty one counts as absent, also where it is told of.
        .argParser((given) => given || DEFAULT_URL),
    )
    .addOption(new Option('--token <token>', 'a Bearer token, where one is needed').env('TURNLEDGER_TOKEN'))
    .option('--json', 'for scripts: JSON, a document a line')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
      outputError: (text, write) => write(`turnledger: ${mistakeLine(text)}\n`),
    })
    .addHelpText(
      'after',
      `
Exit codes: 0 fine, 1 refused or failed, or a re-run or gate that did not come through, 2 wrong use, 69 nobody answers, 130 Ctrl-C.`,
    );
  const openStage = stageOpener(streams, endWith);
  for (const add of commands) add(program, openStage);
  return program;
}
