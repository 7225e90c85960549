import { startEventStoreTwin } from './event-store-twin.ts';
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
  const { host, port, dataFolder, fault } = flags;
  const twin = await startEventStoreTwin({ host, port, ...(dataFolder === undefined ? {} : { dataFolder }) });
  if (fault !== undefined) twin.faults.set(fault);
  const stop = () => void twin.close();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  if (flags.withParent) process.stdin.once('close', stop).once('end', stop).once('error', stop).resume();
  print(`The event-store twin answers at ${twin.url}`);
  print(
    dataFolder === undefined ? 'Its events are in memory only' : `Its ${twin.events} events are kept in ${dataFolder}`,
  );
};

await main().catch((error: unknown) => {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  fail(isTaken ? 'that port is taken; choose another with --port, 0 takes a free one' : String(error));
});
