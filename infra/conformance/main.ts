import { parseArgs } from 'node:util';
import { commandedPower } from './commanded-power.ts';
import { type CaseResult, runConformance } from './run-conformance.ts';
import type { ServerUnderTest } from './server-under-test.ts';
import { startTwinUnderTest } from './twin-under-test.ts';

const USAGE = `Checks what was observed of EventStoreDB against a server, in streams of its own that it deletes afterwards.

  --url esdb://...       the server; without it the event-store twin is started and checked
  --stop-by COMMAND      a shell command that ends that server, best without warning, and
  --start-by COMMAND     one that starts it again: without both, rules about restarts are skipped
  --help, -h

Ends with 1 when a rule does not hold.`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

const show = (result: CaseResult) => {
  print(`${result.result.padEnd(7)} ${result.name}`);
  if (result.result === 'failed') print(result.reason.replaceAll(/^/gm, '        '));
};

const serverOf = (url: string, stopBy: string | undefined, startBy: string | undefined): ServerUnderTest => ({
  url,
  power: stopBy === undefined || startBy === undefined ? undefined : commandedPower(url, stopBy, startBy),
});

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      'stop-by': { type: 'string' },
      'start-by': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return print(USAGE);
  const twin = values.url === undefined ? await startTwinUnderTest() : undefined;
  const server = twin ?? serverOf(values.url ?? '', values['stop-by'], values['start-by']);
  print(twin === undefined ? `Checking ${server.url}` : `Checking the event-store twin at ${server.url}`);
  const { passed, failed, skipped } = await runConformance(server, show);
  await twin?.close();
  print(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  // The case of calls left early leaves some behind, which would keep this process alive.
  process.exit(failed > 0 ? 1 : 0);
};

await main().catch((error: unknown) => {
  process.stderr.write(`conformance: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
