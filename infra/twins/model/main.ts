import { startModelTwin } from './model-twin.ts';
import { readTwinFlags, TWIN_USAGE } from './twin-flags.ts';

const print = (line: string) => void process.stdout.write(`${line}\n`);

const fail = (message: string) => {
  process.stderr.write(`${message.replaceAll(/^/gm, 'twin: ')}\ntwin: --help lists the flags and the faults\n`);
  process.exitCode = 2;
};

const main = async (): Promise<void> => {
  const flags = readTwinFlags(process.argv.slice(2));
  if (flags.outcome === 'help') return print(TWIN_USAGE);
  if (flags.outcome === 'mistake') return fail(flags.message);
  const twin = await startModelTwin({
    ...flags,
    onMalformed: (reason) => print(`refused with 400, malformed behaviour: ${reason}`),
  });
  const stop = () => void twin.close();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  print(`The model twin answers at ${twin.url}`);
  print(`Use it: OPENAI_BASE_URL=${twin.url} TURNLEDGER_MODEL=twin npm start`);
};

await main().catch((error: unknown) => {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  fail(isTaken ? 'that port is taken; choose another with --port, 0 takes a free one' : String(error));
});
