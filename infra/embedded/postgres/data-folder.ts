import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';

/** Only the owner may look inside. */
const PRIVATE_MODE = 0o700;
/** As root the server is another user: it may pass through to its own folder, and list nothing. */
const PASSABLE_MODE = 0o711;

const reason = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);

/**
 * Makes the data folder when it is absent and returns its absolute path; an existing folder keeps its mode.
 * New folders get mode 0700 (0711 as root, see above). Gives `data_folder_unusable` for a file in its place, a folder that cannot be
 * made, and one that this user may not write.
 */
export async function openDataFolder(path: string): Promise<string> {
  const folder = resolve(path);
  const refuse = (detail: string, cause?: unknown): TurnledgerError =>
    new TurnledgerError('data_folder_unusable', { detail: `${folder}: ${detail}`, cause });

  try {
    await mkdir(folder, { recursive: true, mode: process.getuid?.() === 0 ? PASSABLE_MODE : PRIVATE_MODE });
  } catch (error) {
    if (reason(error) === 'EEXIST' || reason(error) === 'ENOTDIR') throw refuse('there is a file in its place', error);
    throw refuse(`it cannot be made (${reason(error)})`, error);
  }
  if (!(await stat(folder)).isDirectory()) throw refuse('there is a file in its place');
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw refuse(`this user may not write there (${reason(error)})`, error);
  }
  return folder;
}
