import { chmod, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface EngineFolder {
  readonly path: string;
  /** Removes it when it was made for this run; a given one stays. */
  leave(): Promise<void>;
}

/** The folder of an engine: the given one, made when absent, or a new one in the temporary folder. */
export async function openEngineFolder(name: string, given?: string): Promise<EngineFolder> {
  if (given !== undefined) {
    const path = resolve(given);
    await mkdir(path, { recursive: true, mode: 0o711 });
    return { path, leave: async () => undefined };
  }
  const path = await mkdtemp(join(await realpath(tmpdir()), `turnledger-${name}-`));
  await chmod(path, 0o711); // As root PostgreSQL is another user, who must pass.
  return { path, leave: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
