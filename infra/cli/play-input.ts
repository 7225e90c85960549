import { createInterface } from 'node:readline';
import type { CliStreams } from './cli-stage.ts';

/** Where a player's lines come from. */
export interface PlayInput {
  /** A person is typing: they are prompted, and Ctrl-D is their leave, while the end of a file is just its end. */
  readonly isTerminal: boolean;
  /** The next line; undefined when there is none any more. */
  next(): Promise<string | undefined>;
  close(): void;
}

/** Opens the lines of standard input, without the mark that some editors begin a file with. The prompt is no result: it goes to standard error. */
export function openPlayInput(
  { stdin, stderr }: CliStreams,
  { onCtrlC, onLeave }: { readonly onCtrlC: () => void; readonly onLeave: () => void },
): PlayInput {
  const isTerminal = stdin.isTTY === true && stderr.isTTY === true;
  const lines = createInterface({
    input: stdin,
    terminal: isTerminal,
    prompt: '> ',
    ...(isTerminal && { output: stderr }),
  });
  let isFirst = true;
  const read = lines[Symbol.asyncIterator]();
  // At a terminal in raw mode Ctrl-C is a key, else it is a signal.
  lines.on('SIGINT', onCtrlC);
  process.on('SIGINT', onCtrlC);
  if (isTerminal) lines.on('close', onLeave);
  return {
    isTerminal,
    next: async () => {
      if (isTerminal) lines.prompt();
      const { done, value } = await read.next();
      if (done) return undefined;
      const line = isFirst ? value.replace(/^\uFEFF/, '') : value;
      isFirst = false;
      return line;
    },
    close: () => {
      lines.off('close', onLeave);
      lines.close();
      process.off('SIGINT', onCtrlC);
      // Whoever writes into a pipe may hold it open for ever.
      stdin.unref?.();
    },
  };
}
