import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const GUARD = Symbol.for('turnledger.test-postgres');
const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Starts one PostgreSQL for this jest run and names it in TURNLEDGER_TEST_DATABASE_URL, and a folder for data folders of tests in
 * TURNLEDGER_TEST_FOLDER; a URL that is already set is used as it is. Plain JavaScript, since jest loads this file
 * without the export conditions our sources need; the guard process has them, and outlives jest by as long as it takes to clean up.
 */
export default async function startTestPostgres() {
  if (process.env.TURNLEDGER_TEST_DATABASE_URL) return;
  const guard = spawn(
    process.execPath,
    ['--conditions=turnledger-source', '--import', beside('./typescript-hooks.js'), beside('./guard-test-postgres.ts')],
    // Its own process group: the Ctrl-C that ends jest must leave it alive to clean up.
    { detached: true, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const failed = once(guard, 'exit').then(([code]) =>
    Promise.reject(`the PostgreSQL for tests did not start (exit ${code})`),
  );
  const [line] = await Promise.race([once(createInterface(guard.stdout), 'line'), failed]);
  failed.catch(() => undefined);
  const { url, folder } = JSON.parse(line);
  process.env.TURNLEDGER_TEST_DATABASE_URL = url;
  process.env.TURNLEDGER_TEST_FOLDER = folder;
  for (const part of [guard, guard.stdin, guard.stdout]) part.unref();
  globalThis[GUARD] = guard;
}
