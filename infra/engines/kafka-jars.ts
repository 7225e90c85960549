import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import { findProgram } from './find-program.ts';

/** infra/kafka of the sources, also for a built program. */
const kafkaFolder = fileURLToPath(
  new URL(import.meta.url.endsWith('.js') ? '../../kafka' : '../kafka', import.meta.url),
);

/**
 * The folder of the broker's jars, brought by Maven when it is absent (some 8 s, 46 MB) and named for the pom's contents, so that another
 * version is another folder. It is filled beside its place and renamed: a kill leaves no folder or a whole one, and of processes that
 * bring it at once one wins. Throws `engine_missing` without Maven, `engine_ended` with Maven's last line.
 */
export async function bringKafkaJars(): Promise<string> {
  const pom = join(kafkaFolder, 'pom.xml');
  const digest = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const folder = join(kafkaFolder, 'jars', digest);
  if (await isThere(folder)) return folder;
  const maven = await findProgram(
    ['mvn'],
    'install Maven and Java 17 (Debian: apt-get install maven), or set KAFKA_BROKERS',
  );
  const fresh = `${folder}.${process.pid}`;
  const goals = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${fresh}`];
  try {
    await promisify(execFile)(maven, goals, { timeout: limits.engines.bringTimeoutMs, cwd: kafkaFolder });
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (await isThere(folder)) return folder;
    throw new TurnledgerError('engine_ended', {
      detail: `kafka: Maven brought no jars: ${lastLine(error)}`,
      cause: error,
    });
  }
  return folder;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const lastLine = (error: unknown): string => {
  const said = typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : '';
  return said.split('\n').find((line) => line.includes('[ERROR]')) ?? String(error);
};
