import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { keepSecretFile } from './keep-secret-file.ts';

/**
 * The password of `<dataDir>/postgres.password` (256 random bits, mode 0600, made once): it stands in for the closed socket folder
 * where the server listens on loopback, which every user of the host can reach.
 */
export const storedPassword = async (dataDir: string): Promise<string> =>
  (await keepSecretFile(join(dataDir, 'postgres.password'), () => randomBytes(32).toString('base64url'))).text;
