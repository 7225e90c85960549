import { createTurnledgerClient } from '@turnledger/shared/client';
import { endBySignal } from '@turnledger/shared/runtime';
import { openDemoStage } from './demo-stage.ts';
import { playDemo } from './play-demo.ts';
import { TerminalPage } from './terminal-page.ts';

/** Wide enough to read, narrow enough for a terminal beside an editor. */
const MAX_COLUMNS = 100;

const { stdout } = process;
const page = new TerminalPage(stdout, {
  columns: Math.min(stdout.isTTY ? stdout.columns : MAX_COLUMNS, MAX_COLUMNS),
  hasColours: stdout.isTTY && stdout.hasColors(),
});
const startedAtMs = performance.now();
const left = new AbortController();
const demo = run(left.signal);
// Before anything is started for good: Ctrl-C must not leave a database behind.
const isEnding = endBySignal(async () => {
  left.abort();
  await demo.catch(() => undefined);
});
const isGood = await demo.catch((error: unknown) => {
  if (!isEnding())
    process.stderr.write(`the demo broke off: ${error instanceof Error ? error.message : String(error)}\n`);
  return false;
});
if (!isEnding()) {
  process.exitCode = isGood ? 0 : 1;
  page.heading(
    isGood ? `All of it held, in ${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s.` : 'Not all of it held.',
  );
  page.note('Your own: npm start, then the README.');
}

/** Plays on the stage that the command line names, and takes it down whatever comes. */
async function run(signal: AbortSignal): Promise<boolean> {
  page.heading('The Lisbon Ledger');
  const { baseUrl, token, about, understudy, close } = await openDemoStage(process.argv.slice(2));
  try {
    page.note(about);
    page.fact('address', baseUrl);
    const client = createTurnledgerClient({ baseUrl, ...(token !== undefined && { token }) });
    return await playDemo({ client, page, understudy, signal });
  } finally {
    await close();
  }
}
