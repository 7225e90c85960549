import type { RequestListener } from 'node:http';
import { commandRoutes, publishDefaultScenario } from '@turnledger/command-api';
import { createWorker, type Worker } from '@turnledger/inference-worker';
import { queryRoutes } from '@turnledger/query-api';
import {
  MemoryEventLog,
  MemoryRateCounter,
  MemoryTurnFeed,
  MemoryTurnQueue,
  openMemoryKeyVault,
  openMemoryLeadership,
  openMemoryViewStore,
  type VaultRecords,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import type { Clock, EventLog, Model, TurnQueue, ViewStore } from '@turnledger/shared/ports';
import { buildHttpApp, type Ledger, localCallers, openLedger, silentLog } from '@turnledger/shared/runtime';
import { absentViews, scriptedEndpoints } from '@turnledger/shared/testing';
import { startProjectors } from '../start-projectors.ts';

/** What outlives a simulated process. */
export interface MemoryDisk {
  readonly log: MemoryEventLog;
  readonly records: VaultRecords;
  readonly viewStore: ViewStore;
}

export const emptyDisk = (clock: Clock): MemoryDisk => ({
  log: new MemoryEventLog({ clock }),
  records: { players: new Map(), keys: new Map() },
  viewStore: openMemoryViewStore(),
});

/** The four services in this process over the memory adapters, wired as the embedded mode wires them. */
export interface MemoryInstance {
  readonly listener: RequestListener;
  readonly ledger: Ledger;
  readonly worker: Worker;
  readonly queue: TurnQueue;
  /** Drains as a signal would. */
  stop(): Promise<void>;
  /** Ends it between two instructions, as SIGKILL would: nothing of it reaches the disk any more. */
  kill(): void;
}

export interface MemoryInstanceOptions {
  readonly clock: Clock;
  readonly disk: MemoryDisk;
  readonly model: Model;
  /** Puts something in front of the queue, for instance to lose messages. */
  readonly throughQueue?: (queue: TurnQueue) => TurnQueue;
}

/** Starts an instance on a disk. Queries that read tables answer 503: those are in PostgreSQL alone. */
export async function startMemoryInstance({
  clock,
  disk,
  model,
  throughQueue = (queue) => queue,
}: MemoryInstanceOptions): Promise<MemoryInstance> {
  let isKilled = false;
  const log = untilKilled(disk.log, () => isKilled);
  const viewStore = untilKilled(disk.viewStore, () => isKilled);
  const vault = openMemoryKeyVault({ ids, records: disk.records });
  const ledger = openLedger({ log, vault, clock, ids });
  const feed = new MemoryTurnFeed({ clock });
  const queue = throughQueue(new MemoryTurnQueue({ onError: () => {} }));
  const leadership = openMemoryLeadership({ clock, report: () => {} });
  const [intake, outOfTime, loops] = [new AbortController(), new AbortController(), new AbortController()];
  const views = absentViews;

  const holders = { isLost: async () => true };
  const models = new Map([['default', model]]);
  const worker = createWorker({ ledger, vault, feed, clock, ids, holders, models, log: silentLog });
  const consuming = worker.consume(queue, intake.signal, outOfTime.signal);
  const never = new Promise<void>(() => {});
  const stores = {
    log,
    vault,
    viewStore,
    views,
    leadership,
    dataDir: '',
    newMasterKeyPath: undefined,
    lost: never,
    close: () => never,
  };
  const projectors = await startProjectors({
    stores,
    ledger,
    queue,
    feed,
    clock,
    logger: silentLog,
    signal: loops.signal,
    report: () => {},
  });
  await publishDefaultScenario(ledger, ids.uuid());
  const routes = [
    ...commandRoutes({
      ledger,
      vault,
      feed,
      clock,
      ids,
      views,
      endpoints: scriptedEndpoints('default'),
      turnRate: new MemoryRateCounter({ perMinute: 0, clock }),
    }),
    ...queryRoutes({ ledger, vault, feed, clock, views }),
  ];
  return {
    ledger,
    worker,
    queue,
    listener: buildHttpApp({
      ids,
      routes,
      log: silentLog,
      allowedHosts: ['localhost'],
      callers: localCallers,
    }).callback(),
    async stop() {
      intake.abort();
      await consuming;
      loops.abort();
      await projectors.stopped;
    },
    kill() {
      isKilled = true;
      for (const all of [intake, outOfTime, loops]) all.abort();
    },
  };
}

/** A store whose every call waits for ever once its process is killed. */
function untilKilled<Store extends EventLog | ViewStore>(store: Store, isKilled: () => boolean): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...input: readonly unknown[]) => {
        if (isKilled()) return name === 'subscribe' ? [] : new Promise(() => {});
        return Reflect.apply(member, target, input);
      };
    },
  });
}
