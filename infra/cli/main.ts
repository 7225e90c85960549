import { CommanderError } from 'commander';
import { createCliProgram } from './cli-program.ts';
import { type ExitCode, exitCodeOf, exitCodes, lineOf } from './exit-codes.ts';

const { stdin, stdout, stderr } = process;

let code: ExitCode = exitCodes.fine;
// Whoever reads the results has enough of them, as `| head` has: nothing went wrong, unless the command has said so.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? code : exitCodes.refused));
// What is told beside the results may go unread; they are what was asked for.
stderr.on('error', () => undefined);

const program = createCliProgram({ stdin, stdout, stderr }, (given) => {
  code = given;
});
try {
  await program.parseAsync();
} catch (error) {
  code = exitCodeOf(error);
  if (!(error instanceof CommanderError)) stderr.write(`turnledger: ${lineOf(error, String(program.opts().url))}\n`);
}
// By the signal, as Ctrl-C ends every other command: a shell that runs us in a loop sees that the loop is to end.
if (code === exitCodes.interrupted) process.kill(process.pid, 'SIGINT');
else process.exitCode = code;
