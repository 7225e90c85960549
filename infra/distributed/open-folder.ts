import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';

/** Where the engines that we start keep their files. */
export interface DistributedFolder {
  readonly path: string;
  /** 32 bytes in base64: made at the first start, and the same ever after. */
  readonly masterKey: string;
  readonly isNewKey: boolean;
  /** Lets another run have it. */
  release(): Promise<void>;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Opens the folder for this process alone. Throws `data_folder_in_use` when a process that still runs has it. */
export async function openDistributedFolder(given: string): Promise<DistributedFolder> {
  const path = resolve(given);
  await mkdir(path, { recursive: true, mode: 0o711 });
  const lock = join(path, 'runner.pid');
  const holder = Number(await readFile(lock, 'utf8').catch(() => '0'));
  if (holder > 0 && holder !== process.pid && isAlive(holder))
    throw new TurnledgerError('data_folder_in_use', { detail: `${path} (process ${holder})` });
  await writeFile(lock, String(process.pid));

  const keyFile = join(path, 'master.key');
  const made = randomBytes(32).toString('base64');
  const isNewKey = await writeFile(keyFile, made, { mode: 0o600, flag: 'wx' }).then(
    () => true,
    () => false,
  );
  const masterKey = isNewKey ? made : (await readFile(keyFile, 'utf8')).trim();
  return { path, masterKey, isNewKey, release: () => rm(lock, { force: true }) };
}
