import { commandRoutes, publishDefaultScenario } from '@turnledger/command-api';
import { createWorker } from '@turnledger/inference-worker';
import { queryRoutes } from '@turnledger/query-api';
import { MemoryTurnFeed, MemoryTurnQueue } from '@turnledger/shared/adapters/memory';
import { createOpenAiModel } from '@turnledger/shared/adapters/openai';
import { createScriptedModel } from '@turnledger/shared/adapters/scripted';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits } from '@turnledger/shared/contracts';
import type { Model, TurnQueue } from '@turnledger/shared/ports';
import {
  buildHttpApp,
  type EmbeddedConfig,
  type Log,
  loopbackHosts,
  type ModelConfig,
  openLedger,
  warmTokenCounter,
} from '@turnledger/shared/runtime';
import { createHopBoard } from './hop-board.ts';
import { openStores, type Stores } from './open-stores.ts';
import { requireFreePort, serve } from './serve.ts';
import { startProjectors } from './start-projectors.ts';

/** A whole Turnledger in this process. */
export interface RunningEmbedded {
  readonly url: string;
  readonly dataDir: string;
  readonly model: string;
  readonly newMasterKeyPath: string | undefined;
  /** Resolves when the process must end because it is no longer alone on its data, or its database has ended. */
  readonly lost: Promise<void>;
  /** Drains: no new requests, turns under way finish within limits.process.drainMs, then everything is closed. May be called again. */
  stop(): Promise<void>;
}

/** What the services are built on, before they are. */
export interface EmbeddedPorts {
  readonly stores: Stores;
  readonly queue: TurnQueue;
  readonly model: Model;
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
  if (config.port !== 0) await requireFreePort(config.port);
  const opened = await openStores(config, { clock, ids, log: logger });
  try {
    return await startServices();
  } catch (error) {
    await opened.close();
    throw error;
  }

  async function startServices(): Promise<RunningEmbedded> {
    const onError = (cause: unknown, { turnId }: { readonly turnId: string }) =>
      logger.error({ turnId, cause }, 'a turn was dropped');
    const { stores, queue, model } = decorate({
      stores: opened,
      queue: new MemoryTurnQueue({ onError }),
      model: openModel(config.model),
    });
    const { log, vault } = stores;
    const ledger = openLedger({ log, vault, clock, ids });
    const feed = new MemoryTurnFeed({ clock });
    const intake = new AbortController();
    const loops = new AbortController();
    const outOfTime = new AbortController();

    // The lock on the data folder proves that whoever held a claim before this process is dead (rule 4).
    const holders = { isLost: async () => true };
    const worker = createWorker({
      ledger,
      vault,
      feed,
      clock,
      ids,
      holders,
      log: logger,
      models: new Map([['default', model]]),
    });
    const consuming = worker.consume(queue, intake.signal, outOfTime.signal);
    const board = createHopBoard(clock, ['read-models', 'relay'], () => ({
      depth: queue.depth(),
      running: worker.running(),
    }));
    const projectors = await startProjectors({
      stores,
      ledger,
      queue,
      feed,
      clock,
      logger,
      signal: loops.signal,
      report: board.report,
    });
    await publishDefaultScenario(ledger, ids.uuid());

    const app = buildHttpApp({
      ids,
      log: logger,
      allowedHosts: loopbackHosts,
      routes: [
        ...commandRoutes({ ledger, vault, feed, clock, ids, endpoints: new Set(['default']) }),
        ...queryRoutes({ ledger, vault, feed, clock, views: stores.views, hops: board.hops }),
      ],
    });
    const http = await serve(app.callback(), config.port);
    void warmTokenCounter();

    let stopping: Promise<void> | undefined;
    const drain = async () => {
      const deadline = setTimeout(() => outOfTime.abort(), limits.process.drainMs);
      // Clients first: the turn that one of them waits for may still be in the queue.
      await http.drain(outOfTime.signal);
      intake.abort();
      await consuming;
      clearTimeout(deadline);
      loops.abort();
      await projectors.stopped;
      await stores.close();
    };
    return {
      url: `http://localhost:${http.port}`,
      dataDir: stores.dataDir,
      model: model.defaultModel,
      newMasterKeyPath: stores.newMasterKeyPath,
      lost: stores.lost,
      stop: () => {
        stopping ??= drain();
        return stopping;
      },
    };
  }
}

function openModel(config: ModelConfig): Model {
  if (config.kind === 'scripted') return createScriptedModel({ wordDelayMs: config.wordDelayMs });
  const { baseUrl, name, apiKey } = config;
  return createOpenAiModel({ baseUrl, defaultModel: name, ...(apiKey !== undefined && { apiKey }) });
}
