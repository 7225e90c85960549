import type { Engine, EngineOptions } from './engine.ts';
import { openEngineFolder } from './engine-folder.ts';
import { findProgram } from './find-program.ts';
import { freePorts } from './free-ports.ts';
import { spawnEngine } from './spawn-engine.ts';

const ADVICE = 'install Redis or Valkey (Debian: apt-get install redis-server)';

/**
 * Starts redis-server or valkey-server, whichever PATH has, on loopback. It keeps nothing on disk: what Turnledger has there is never the
 * truth. Throws `engine_missing`, `engine_ended`. The server outlives a kill of this process: `startEngine` puts a guard between.
 */
export async function startRedis({ folder: given, port: wanted }: EngineOptions = {}): Promise<Engine> {
  const path = await findProgram(['redis-server', 'valkey-server'], ADVICE);
  const port = wanted ?? (await freePorts(1))[0] ?? 0;
  const folder = await openEngineFolder('redis', given);
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir: folder.path,
    save: '',
    appendonly: 'no',
    maxmemory: '256mb',
    'maxmemory-policy': 'allkeys-lru',
  };
  const parameters = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const readyLine = /Ready to accept connections/;
  try {
    const { pid, ended, stop } = await spawnEngine({ name: 'redis', path, parameters, folder: folder.path, readyLine });
    return {
      name: 'redis',
      url: `redis://127.0.0.1:${port}`,
      pid,
      description: path,
      ended,
      stop: () => stop().then(folder.leave),
    };
  } catch (error) {
    await folder.leave();
    throw error;
  }
}
