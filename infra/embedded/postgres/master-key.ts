import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';
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
