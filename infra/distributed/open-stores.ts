import { join } from 'node:path';
import type { Engine, EngineName } from '../engines/engine.ts';
import { startEngine } from '../engines/start-engine.ts';
import { startEventStoreTwinProcess } from './event-store-twin-process.ts';

/** A store that the processes stand on: one that somebody runs, or one of ours. */
export interface OpenedStore {
  /** The variable that names it. */
  readonly variable: string;
  readonly url: string;
  /** What it is, for a person. */
  readonly description: string;
  /** Those of ours alone. */
  readonly engine?: Pick<Engine, 'pid' | 'ended' | 'stop'>;
}

const engines: readonly { readonly variable: string; readonly name: EngineName }[] = [
  { variable: 'DATABASE_URL', name: 'postgres' },
  { variable: 'REDIS_URL', name: 'redis' },
  { variable: 'KAFKA_BROKERS', name: 'kafka' },
];

/**
 * Opens the four stores at once: the one that a variable names, or else a real server of ours, with its files in the folder; for
 * EVENTSTORE_URL, of which no free server can be had from a package registry, its twin. Throws `engine_missing`, `engine_ended`; what was
 * started by then is stopped again.
 */
export async function openStores(
  folder: string,
  env: { readonly [name: string]: string | undefined },
): Promise<readonly OpenedStore[]> {
  const given = (variable: string): OpenedStore | undefined => {
    const url = env[variable];
    return url ? { variable, url, description: 'yours' } : undefined;
  };
  const starting = [
    given('EVENTSTORE_URL') ?? startTwin(join(folder, 'event-store')),
    ...engines.map(({ variable, name }) => given(variable) ?? startStore(variable, name, join(folder, name))),
  ];
  const settled = await Promise.allSettled(starting);
  const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(opened.map(({ engine }) => engine?.stop()));
    throw failed.reason;
  }
  return opened;
}

async function startStore(variable: string, name: EngineName, folder: string): Promise<OpenedStore> {
  const engine = await startEngine(name, { folder });
  return { variable, url: engine.url, description: engine.description, engine };
}

async function startTwin(folder: string): Promise<OpenedStore> {
  const engine = await startEventStoreTwinProcess(folder);
  return { variable: 'EVENTSTORE_URL', url: engine.url, description: engine.description, engine };
}
