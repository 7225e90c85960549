import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTurnledgerClient } from '@turnledger/shared/client';
import { createLog, readEmbeddedConfig } from '@turnledger/shared/runtime';
import { endBySignal } from '../embedded/end-by-signal.ts';
import { startEmbedded } from '../embedded/start-embedded.ts';
import { playDemo } from './play-demo.ts';
import { TerminalPage } from './terminal-page.ts';

/** Wide enough to read, narrow enough for a terminal beside an editor. */
const MAX_COLUMNS = 100;
/** Slow enough to be seen coming, fast enough for the whole demo to take some ten seconds. */
const WORD_MS = '35';

const { stdout } = process;
const page = new TerminalPage(stdout, {
  columns: Math.min(stdout.isTTY ? stdout.columns : MAX_COLUMNS, MAX_COLUMNS),
  hasColours: stdout.isTTY && stdout.hasColors(),
});
const startedAtMs = performance.now();
const folder = await mkdtemp(join(tmpdir(), 'turnledger-demo-'));
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

/** A Turnledger of the demo's own: whatever the shell has in its environment, no key is used and no data is touched. */
async function run(signal: AbortSignal): Promise<boolean> {
  try {
    await chmod(folder, 0o711); // As root the database is another user's, who must pass.
    const config = readEmbeddedConfig({
      PORT: '0',
      TURNLEDGER_DATA_DIR: join(folder, 'data'),
      TURNLEDGER_MODEL: 'scripted',
      TURNLEDGER_SCRIPTED_WORD_MS: WORD_MS,
    });
    page.heading('The Lisbon Ledger');
    page.note('A Turnledger of its own starts: a scripted character, a database in a temporary folder, no key.');
    const turnledger = await startEmbedded(config, createLog(config.logLevel));
    try {
      page.fact('address', turnledger.url);
      return await playDemo(createTurnledgerClient({ baseUrl: turnledger.url }), page, signal);
    } finally {
      await turnledger.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
