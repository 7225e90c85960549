import { open, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '@turnledger/shared/contracts';

const serverLogPath = (dataDir: string): string => join(dataDir, 'postgres.log');

/**
 * Empties the server's log file and opens it for appending (mode 0600): the server inherits the handle, so it needs no right to
 * the folder. Appending lets the file be emptied again while the server writes.
 */
export async function openServerLog(dataDir: string): Promise<{ readonly fd: number; close(): Promise<void> }> {
  const handle = await open(serverLogPath(dataDir), 'a', 0o600);
  await handle.truncate(0);
  return { fd: handle.fd, close: () => handle.close() };
}

/** Empties the log each time it is over its bound (16 MiB, looked at once a minute); answers how to stop that. */
export function boundServerLog(dataDir: string): () => void {
  const path = serverLogPath(dataDir);
  const timer = setInterval(() => {
    stat(path)
      .then(({ size }) => (size > limits.embedded.maxServerLogBytes ? truncate(path) : undefined))
      .catch(() => undefined); // The folder was deleted under a running server: nothing to bound.
  }, limits.embedded.serverLogCheckMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** The last line of the server's log that says why it stopped. */
export const lastLogLine = async (dataDir: string): Promise<string> =>
  lastMeaningfulLine(await readFile(serverLogPath(dataDir), 'utf8').catch(() => ''));

/** The newest of the gravest lines, without time and process id, on one line of at most 500 characters. */
export function lastMeaningfulLine(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const newest = (pattern: RegExp): string | undefined => lines.findLast((line) => pattern.test(line));
  const line = newest(/\b(PANIC|FATAL):/) ?? newest(/\b(ERROR|error):/) ?? newest(/\S/) ?? 'PostgreSQL said nothing';
  return line.replace(/^.*?(?=\b(?:PANIC|FATAL|ERROR|LOG):)/, '').slice(0, 500);
}
