import { join } from 'node:path';
import { TurnledgerError } from '@turnledger/shared/contracts';
import type { ProcessName } from '@turnledger/shared/runtime';
import { openDistributedFolder } from '../../distributed/open-folder.ts';
import { type OpenedStore, openStores } from '../../distributed/open-stores.ts';
import { type PlannedProcess, planProcesses } from '../../distributed/plan-processes.ts';
import { readCompose } from '../../distributed/read-compose.ts';
import { isReady, repository, type ServiceProcess, startServiceProcess } from '../../distributed/service-process.ts';
import { freePorts } from '../../engines/free-ports.ts';
import type { ProcessDeath } from './process-under-chaos.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** The topology of docker-compose.yml on this machine, its four processes with places to die in. */
export interface TopologyUnderChaos {
  /** Of the edge, by address. */
  readonly url: string;
  readonly masterKey: Buffer;
  readonly storeUrl: (variable: string) => string;
  readonly storeNames: readonly string[];
  readonly processes: ReadonlyMap<ProcessName, SupervisedProcess>;
  /** Drains everything in the order of the flow. May be called again. */
  stop(): Promise<void>;
}

export interface TopologyOptions {
  readonly folder: string;
  readonly modelUrl: string;
  readonly onDeath: (death: ProcessDeath) => void;
  /** Gives the start up. */
  readonly signal: AbortSignal;
}

const FLOW: readonly ProcessName[] = ['command-api', 'query-api', 'inference-worker', 'projectors'];

/** Starts stores, processes and edge, and waits until all are ready. Throws what openStores throws, and `engine_ended`. */
export async function startTopology({
  folder,
  modelUrl,
  onDeath,
  signal,
}: TopologyOptions): Promise<TopologyUnderChaos> {
  const opened = await openDistributedFolder(folder);
  const stores = await openStores(opened.path, {}).catch(async (error: unknown) => {
    await opened.release();
    throw error;
  });
  const processes = new Map<ProcessName, SupervisedProcess>();
  let edge: ServiceProcess | undefined;
  const stop = async () => {
    await edge?.stop();
    for (const name of FLOW) await processes.get(name)?.stop();
    await Promise.all(stores.map(({ engine }) => engine?.stop()));
    await opened.release();
  };
  try {
    const planned = await planAll(stores, opened.masterKey, modelUrl);
    for (const one of planned) {
      const service = FLOW.find((name) => name === one.service);
      if (service) processes.set(service, new SupervisedProcess(one, onDeath));
      else edge = startServiceProcess(one, () => undefined);
    }
    const ready = await Promise.all([
      ...[...processes.values()].map((one) => one.untilReady(signal)),
      edge !== undefined && isReady(edge, signal),
    ]);
    if (edge === undefined || ready.includes(false))
      throw new TurnledgerError('engine_ended', { detail: 'the topology was not ready' });
    const storeUrl = (variable: string) => stores.find((one) => one.variable === variable)?.url ?? '';
    const storeNames = stores.map(({ variable, description }) => `${variable}: ${description}`);
    const masterKey = Buffer.from(opened.masterKey, 'base64');
    return { url: edge.url, masterKey, storeUrl, storeNames, processes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function planAll(
  stores: readonly OpenedStore[],
  masterKey: string,
  modelUrl: string,
): Promise<readonly PlannedProcess[]> {
  const composed = await readCompose(join(repository, 'docker-compose.yml'), {
    LOG_LEVEL: 'error',
    OPENAI_BASE_URL: modelUrl,
    TURNLEDGER_MODEL: 'twin-1',
    TURNLEDGER_MASTER_KEY: masterKey,
    // Required there and of no use here: PostgreSQL's URL is known, and loopback needs no tokens.
    POSTGRES_PASSWORD: 'unused',
    TURNLEDGER_JWT_SECRET: 'none',
  });
  const [port = 0, ...ports] = await freePorts(composed.length + 1);
  const urls = Object.fromEntries(stores.map(({ variable, url }) => [variable, url]));
  return planProcesses(composed, {
    port,
    stores: { ...urls, TURNLEDGER_JWT_SECRET: '' },
    ports: ports.values(),
    instances: {},
    hasTokens: false,
  });
}
