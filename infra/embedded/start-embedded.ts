import { publishDefaultScenario } from '@turnledger/command-api';
import { createWorker, leadReruns, openModels, pricesOf } from '@turnledger/inference-worker';
import { MemoryTurnFeed, MemoryTurnQueue } from '@turnledger/shared/adapters/memory';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits } from '@turnledger/shared/contracts';
import type { Model, TurnQueue } from '@turnledger/shared/ports';
import {
  createHopBoard,
  createMetrics,
  type EmbeddedConfig,
  type Log,
  openLedger,
  requireFreePort,
  serve,
  urlHostOf,
  warmTokenCounter,
  watchLoopLag,
} from '@turnledger/shared/runtime';
import { buildEmbeddedApp } from './build-embedded-app.ts';
import { openStores, type Stores } from './open-stores.ts';
import { startProjectors } from './start-projectors.ts';

/** A whole Turnledger in this process. */
export interface RunningEmbedded {
  readonly url: string;
  /** The address that it listens on. */
  readonly host: string;
  /** False: whoever reaches it is its operator, so only this machine may. */
  readonly hasTokens: boolean;
  readonly dataDir: string;
  /** The model that answers at each endpoint where a scenario says `default`; the endpoint `default` is the first. */
  readonly models: ReadonlyMap<string, string>;
  readonly newMasterKeyPath: string | undefined;
  /** Resolves when the process must end because it is no longer alone on its data, or its database cannot be started again. */
  readonly lost: Promise<void>;
  /** Drains: no new requests, turns under way finish within limits.process.drainMs, then everything is closed. May be called again. */
  stop(): Promise<void>;
}

/** What the services are built on, before they are. */
export interface EmbeddedPorts {
  readonly stores: Stores;
  readonly queue: TurnQueue;
  /** By the name of their endpoint. */
  readonly models: ReadonlyMap<string, Model>;
}

/**
 * Starts the four services on one port over PostgreSQL and memory. `decorate` may put something around the ports: the kill test dies in
 * them. Throws what openStores throws, and `port_taken`.
 */
export async function startEmbedded(
  config: EmbeddedConfig,
  logger: Log,
  decorate: (ports: EmbeddedPorts) => EmbeddedPorts = (ports) => ports,
): Promise<RunningEmbedded> {
  const { host, jwtSecret } = config.access;
  await requireFreePort({ host, port: config.port });
  const opened = await openStores(config, { clock, ids, log: logger });
  const leaving = new AbortController();
  const intake = new AbortController();
  const loops = new AbortController();
  const outOfTime = new AbortController();
  try {
    return await startServices();
  } catch (error) {
    // Loops that are under way would hold the stores open, and the process with them.
    for (const all of [intake, outOfTime, loops]) all.abort();
    await opened.close();
    throw error;
  }

  async function startServices(): Promise<RunningEmbedded> {
    const onError = (cause: unknown, { turnId }: { readonly turnId: string }) =>
      logger.error({ turnId, cause }, 'a turn was dropped');
    const metrics = createMetrics(clock);
    const { stores, queue, models } = decorate({
      stores: { ...opened, log: metrics.meterLog(opened.log) },
      queue: metrics.meterQueue(new MemoryTurnQueue({ onError })),
      models: openModels(config.endpoints),
    });
    const { log, vault } = stores;
    const ledger = openLedger({ log, vault, clock, ids });
    const feed = new MemoryTurnFeed({ clock });

    // The lock on the data folder proves that whoever held a claim before this process is dead (rule 4).
    const holders = { isLost: async () => true };
    const workerPorts = { vault, clock, ids, holders, log: logger, models, prices: pricesOf(config.endpoints) };
    const worker = createWorker({ ...workerPorts, ledger, feed });
    const consuming = worker.consume(queue, intake.signal, outOfTime.signal);
    const board = createHopBoard(clock, ['read-models', 'relay']);
    board.add('inference-worker', () => {
      const facts = { depth: queue.depth(), running: worker.running() };
      return { isReady: facts.depth < limits.queue.maxMessages, facts };
    });
    const projectors = await startProjectors({
      stores,
      ledger,
      queue,
      feed,
      clock,
      logger,
      signal: loops.signal,
      report: board.report,
      // The relay alone tells of events: it reads every one, and each once.
      meter: (projector) => metrics.meterLoop(projector, projector.name === 'relay' ? metrics.countEvents : undefined),
    });
    await publishDefaultScenario(ledger, ids.uuid());
    // A ledger of their own: recorded sessions are many, and would push live ones out of memory.
    const rerunPorts = {
      ...workerPorts,
      ledger: openLedger({ log, vault, clock, ids }),
      leadership: stores.leadership,
      views: stores.views,
    };
    const reruns = leadReruns(rerunPorts, intake.signal, outOfTime.signal);

    metrics.gauge('turnledger_running_turns', 'Turns that a worker of this process has in hand.', worker.running);
    metrics.gauge('turnledger_running_reruns', 'Re-runs that this process has in hand.', reruns.running);
    metrics.measureProcess();
    void watchLoopLag({ clock, log: logger, board }, loops.signal);
    const hops = board.hops;
    const served = { config, metrics, ledger, vault, feed, logger, hops, views: stores.views };
    const app = buildEmbeddedApp({ ...served, leaving: leaving.signal });
    const http = await serve(app.callback(), { host, port: config.port });
    void warmTokenCounter();

    let stopping: Promise<void> | undefined;
    const drain = async () => {
      leaving.abort();
      const deadline = setTimeout(() => outOfTime.abort(), limits.process.drainMs);
      // Clients first: the turn that one of them waits for may still be in the queue.
      await http.drain(outOfTime.signal);
      intake.abort();
      await Promise.all([consuming, reruns.stopped]);
      clearTimeout(deadline);
      loops.abort();
      await projectors.stopped;
      await stores.close();
    };
    return {
      url: `http://${urlHostOf(host)}:${http.port}`,
      hasTokens: jwtSecret !== undefined,
      host,
      dataDir: stores.dataDir,
      models: new Map([...models].map(([name, { defaultModel }]) => [name, defaultModel])),
      newMasterKeyPath: stores.newMasterKeyPath,
      lost: stores.lost,
      stop: () => {
        stopping ??= drain();
        return stopping;
      },
    };
  }
}
