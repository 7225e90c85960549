import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder } from '../data-folder.ts';

/** The guard of the jest run deletes this folder and ends any server that a failed test leaves in it. */
const root = process.env.TURNLEDGER_TEST_FOLDER ?? tmpdir();

/** A path for a data folder of one test, which does not exist yet. */
export const testFolderPath = (): string => join(root, `test-${randomBytes(6).toString('hex')}`);

/** An open data folder of one test. */
export const makeTestFolder = (): Promise<string> => openDataFolder(testFolderPath());

export const removeTestFolder = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

export const quietLog = { info: () => undefined, warn: () => undefined };
