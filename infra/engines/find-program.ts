import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';

/** The path of the first of these programs that PATH has. Throws `engine_missing` with `advice`: what to install. */
export async function findProgram(names: readonly string[], advice: string): Promise<string> {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name);
      const isThere = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (folder !== '' && isThere) return path;
    }
  }
  throw new TurnledgerError('engine_missing', { detail: `${names.join(' or ')} is not on PATH; ${advice}` });
}
