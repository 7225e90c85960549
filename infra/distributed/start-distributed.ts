import { join } from 'node:path';
import { systemClock } from '@turnledger/shared/adapters/system';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import { freePorts } from '../engines/free-ports.ts';
import { openDistributedFolder } from './open-folder.ts';
import { type OpenedStore, openStores } from './open-stores.ts';
import { planProcesses } from './plan-processes.ts';
import { readCompose } from './read-compose.ts';
import { isReady, repository, type ServiceProcess, startServiceProcess } from './service-process.ts';

export interface DistributedOptions {
  /** Where the engines that we start keep their files, and the master key. */
  readonly folder: string;
  /** Of the edge; 0 takes a free one. */
  readonly port: number;
  /** How many of each service; one where it is not named. */
  readonly instances?: { readonly [service: string]: number };
  /** What docker-compose.yml takes its variables from, and the addresses of stores that are to be used instead of ours. */
  readonly env: { readonly [name: string]: string | undefined };
  /** A line of a process's standard error, or of ours. */
  readonly tell?: (name: string, line: string) => void;
}

/** The whole topology, ready. */
export interface RunningDistributed {
  /** Of the edge. */
  readonly url: string;
  readonly hasTokens: boolean;
  readonly masterKey: string;
  readonly isNewKey: boolean;
  readonly stores: readonly OpenedStore[];
  readonly processes: readonly ServiceProcess[];
  /** Resolves with its name and how it ended when one of them, or a store of ours, ends unasked. */
  readonly lost: Promise<string>;
  /** APIs and edge first, so that waiting clients get their turns; then worker, projectors, stores. May be called again. */
  stop(): Promise<void>;
}

/** In this order: those of one group at once. */
const STOP_ORDER: readonly (readonly string[])[] = [
  ['edge', 'command-api', 'query-api'],
  ['inference-worker'],
  ['projectors'],
];

/**
 * Starts the topology of docker-compose.yml on this machine and waits until every process is ready. Throws `config_invalid`,
 * `data_folder_in_use`, `engine_missing`, and `engine_ended` with the name of the process that ended or is not ready in
 * limits.distributed.startTimeoutMs; what was started by then is stopped again.
 */
export async function startDistributed(options: DistributedOptions): Promise<RunningDistributed> {
  const { env, instances = {}, tell = () => undefined } = options;
  const folder = await openDistributedFolder(options.folder);
  const masterKey = env.TURNLEDGER_MASTER_KEY || folder.masterKey;
  const hasTokens = Boolean(env.TURNLEDGER_JWT_SECRET);
  const opened: OpenedStore[] = [];
  const processes: ServiceProcess[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopAll(processes, opened).finally(folder.release);
    return stopping;
  };
  try {
    opened.push(...(await openStores(folder.path, env)));
    for (const { variable, url, description } of opened)
      tell('distributed', `${variable}  ${withoutPassword(url)}  ${description}`);
    // PostgreSQL's password is the image's business, and a missing secret means loopback without tokens.
    const given = {
      ...env,
      TURNLEDGER_MASTER_KEY: masterKey,
      POSTGRES_PASSWORD: 'unused',
      TURNLEDGER_JWT_SECRET: env.TURNLEDGER_JWT_SECRET || NONE,
    };
    const composed = await readCompose(join(repository, 'docker-compose.yml'), given);
    const count = composed.reduce((sum, { name }) => sum + (instances[name] ?? 1), 0) + 1;
    const [edgePort = 0, ...ports] = await freePorts(count);
    const stores = Object.fromEntries(opened.map(({ variable, url }) => [variable, url]));
    const planned = planProcesses(composed, {
      stores: hasTokens ? stores : { ...stores, TURNLEDGER_JWT_SECRET: '' },
      ports: ports.values(),
      port: options.port === 0 ? edgePort : options.port,
      instances,
      hasTokens,
    });
    for (const one of planned) processes.push(startServiceProcess(one, (line) => tell(one.name, line)));
    await allReady(processes);
  } catch (error) {
    await stop();
    throw error;
  }
  const lost = Promise.race([
    ...processes.map(({ name, ended }) => ended.then((how) => `${name} ended with ${how}`)),
    ...opened.flatMap(({ variable, engine }) => (engine ? [engine.ended.then((how) => `${variable}: ${how}`)] : [])),
  ]);
  const edge = processes.find(({ service }) => service === 'edge');
  const { isNewKey } = folder;
  const url = edge?.url.replace('127.0.0.1', 'localhost') ?? '';
  return { url, hasTokens, masterKey, isNewKey, stores: opened, processes, lost, stop };
}

/** Stands where docker-compose.yml requires a secret for tokens; it never reaches a process. */
const NONE = 'none';

async function allReady(processes: readonly ServiceProcess[]): Promise<void> {
  const giveUp = new AbortController();
  const startedAtMs = systemClock.monotonicMs();
  const timer = setTimeout(() => giveUp.abort(), limits.distributed.startTimeoutMs);
  try {
    await Promise.all(
      processes.map(async (one) => {
        if (await isReady(one, giveUp.signal)) return;
        const isLate = systemClock.monotonicMs() - startedAtMs >= limits.distributed.startTimeoutMs;
        const how = isLate
          ? `was not ready in ${limits.distributed.startTimeoutMs / 1_000} s`
          : `ended with ${await one.ended}`;
        throw new TurnledgerError('engine_ended', { detail: `${one.name} ${how}` });
      }),
    );
  } finally {
    clearTimeout(timer);
    giveUp.abort();
  }
}

async function stopAll(processes: readonly ServiceProcess[], stores: readonly OpenedStore[]): Promise<void> {
  for (const group of STOP_ORDER)
    await Promise.all(processes.filter(({ service }) => group.includes(service)).map((one) => one.stop()));
  await Promise.all(stores.map(({ engine }) => engine?.stop()));
}

/** A given URL may carry one; it is not for a terminal. */
const withoutPassword = (url: string): string => url.replace(/:[^:@/]*@/, ':…@');
