import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isTurnledgerError, TurnledgerError } from '@turnledger/shared/contracts';
import { keepSecretFile } from './keep-secret-file.ts';

const KEY_BYTES = 32;
/** 32 bytes in base64, and one line end at most, as an editor leaves it. */
const ENCODED = /^[A-Za-z0-9+/]{43}=\r?\n?$/;

export interface MasterKeyFile {
  readonly path: string;
  readonly key: Buffer;
  /** Made just now: tell the operator that without this file every text is unreadable. */
  readonly created: boolean;
}

/**
 * Reads `<dataDir>/master.key`, or makes it at the first start: 32 random bytes in base64, mode 0600, durable before it is answered.
 * Never written over. Gives `data_folder_unusable` when it is malformed or cannot be read.
 */
export async function openMasterKey(dataDir: string): Promise<MasterKeyFile> {
  const path = join(dataDir, 'master.key');
  const refuse = (why: string, cause?: unknown): TurnledgerError =>
    new TurnledgerError('data_folder_unusable', { detail: `${path} ${why}`, cause });
  const { text, created } = await keepSecretFile(path, () => `${randomBytes(KEY_BYTES).toString('base64')}\n`).catch(
    (error: unknown) => {
      const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
      throw refuse(`cannot be read or made (${code})`, error);
    },
  );
  if (!ENCODED.test(text))
    throw refuse('is not 32 bytes in base64; put the right file back, its texts are unreadable without it');
  return { path, key: Buffer.from(text, 'base64'), created };
}

/**
 * What to tell of a vault that refused its key. A key that was made just now was made in the place of a lost one: it is taken away again, so
 * that nobody keeps it for the right one, and the refusal says which file is missing. Anything else is answered as it is.
 */
export async function refusalOfKey(file: MasterKeyFile | undefined, refusal: unknown): Promise<unknown> {
  if (!file?.created || !isTurnledgerError(refusal) || refusal.code !== 'key_mismatch') return refusal;
  await rm(file.path, { force: true });
  const detail = `${file.path} is missing; put it back, from where it was saved with this data`;
  return new TurnledgerError('key_mismatch', { detail, cause: refusal });
}
