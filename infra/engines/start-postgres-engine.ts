import { openDataFolder } from '../embedded/postgres/data-folder.ts';
import { connectionUrl } from '../embedded/postgres/server-address.ts';
import { startPostgres } from '../embedded/postgres/start-postgres.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { openEngineFolder } from './engine-folder.ts';

/** Four processes, two of each, with pools of twelve; embedded mode's server allows for one. */
const MAX_CONNECTIONS = 200;

/**
 * Starts the PostgreSQL that npm brought, on a socket in its folder, as embedded mode does; it takes connections from this machine's same
 * user and from root alone. Throws what startPostgres throws. The server outlives this process: `startEngine` puts a guard between.
 */
export async function startPostgresEngine({ folder: given }: EngineOptions = {}): Promise<Engine> {
  const folder = await openEngineFolder('postgres', given);
  try {
    const dataDir = await openDataFolder(folder.path);
    const settings = { max_connections: String(MAX_CONNECTIONS) };
    const postgres = await startPostgres({ dataDir, settings, log: { info: () => undefined, warn: () => undefined } });
    return {
      name: 'postgres',
      url: connectionUrl(postgres.connection),
      pid: postgres.pid,
      description: 'PostgreSQL 18, the one that npm brought',
      ended: postgres.exited.then(({ detail }) => detail),
      stop: () => postgres.stop().then(folder.leave),
    };
  } catch (error) {
    await folder.leave();
    throw error;
  }
}
