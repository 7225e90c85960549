import { createTurnledgerClient, snakeCased, type TurnledgerClient } from '@turnledger/shared/client';
import type { Command } from 'commander';
import { ProgressLine, type ProgressOutput } from '../terminal/progress-line.ts';
import { visibleJson, visibleText } from '../terminal/visible.ts';
import { readConnectionFlags } from './connection-flags.ts';
import type { ExitCode } from './exit-codes.ts';
import { impatientFetch } from './impatient-fetch.ts';

/** The three streams of a command. */
export interface CliStreams {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean; unref?(): unknown };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; hasColors?(): boolean };
  readonly stderr: NodeJS.WritableStream & ProgressOutput;
}

/** What a command works with. Nothing but results is told on standard output. */
export interface CliStage {
  readonly client: TurnledgerClient;
  readonly url: string;
  readonly isJson: boolean;
  readonly streams: CliStreams;
  readonly progress: ProgressLine;
  /** A line of the result; no control character of it reaches the terminal, also where a server puts one in the place of a number. */
  print(line: string): void;
  /** A document of the client as a line of JSON, in the names of the wire. */
  printJson(document: object): void;
  /** A line about the result, for a person; made visible alike. */
  note(line: string): void;
  /** Says how the program is to end; `fine` unless said. */
  endWith(code: ExitCode): void;
}

/** Opens the stage of a command from its flags; asks nothing yet. */
export type OpenStage = (command: Command) => CliStage;

/** Opens stages on these streams. Throws `config_invalid` for a bad `--url` or `--token`. */
export const stageOpener =
  (streams: CliStreams, endWith: (code: ExitCode) => void): OpenStage =>
  (command) => {
    const { url, token, isJson } = readConnectionFlags(command.optsWithGlobals());
    const { stdout, stderr } = streams;
    const print = (line: string) => void stdout.write(`${visibleText(line)}\n`);
    return {
      client: createTurnledgerClient({
        baseUrl: url,
        fetch: impatientFetch((...call) => fetch(...call)),
        ...(token !== undefined && { token }),
      }),
      url,
      isJson,
      streams,
      progress: new ProgressLine(stderr),
      print,
      printJson: (document) => print(visibleJson(snakeCased(document))),
      note: (line) => void stderr.write(`${visibleText(line)}\n`),
      endWith,
    };
  };
