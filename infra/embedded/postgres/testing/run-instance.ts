import { isTurnledgerError } from '@turnledger/shared/contracts';
import { openDataFolder } from '../data-folder.ts';
import { holdInstanceLock } from '../instance-lock.ts';
import { startPostgres } from '../start-postgres.ts';

/**
 * A small instance for tests to start and kill: holds the data folder named by its argument, prints one JSON line, and ends
 * with the server when its standard input closes.
 */
const say = (fact: object): void => {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
};
try {
  const dataDir = await openDataFolder(process.argv[2] ?? '');
  const postgres = await startPostgres({ dataDir, log: { info: () => undefined, warn: () => undefined } });
  const lock = await holdInstanceLock(postgres.connection, dataDir);
  say({ pid: postgres.pid, adopted: postgres.adopted });
  await new Promise((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve).resume();
  });
  await postgres.stop();
  await lock.release();
} catch (error) {
  say({ code: isTurnledgerError(error) ? error.code : 'unknown', message: String(error) });
  process.exitCode = 1;
}
