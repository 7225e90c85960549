import { EventStoreDbLog } from '@turnledger/shared/adapters/eventstore';
import { MemoryEventLog } from '@turnledger/shared/adapters/memory';
import { migratePostgres, PostgresEventLog } from '@turnledger/shared/adapters/postgres';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { startEventStoreTwinProcess } from '../../distributed/event-store-twin-process.ts';
import { openDataFolder } from '../../embedded/postgres/data-folder.ts';
import { startPostgres } from '../../embedded/postgres/start-postgres.ts';
import { endWithThisProcess } from '../processes/end-with-this-process.ts';
import { freshDataDir, removeData } from '../processes/start-service.ts';
import { adapterContender, type LogContender } from './log-load.ts';
import { openRawEventStore } from './raw-event-store.ts';
import { openRawLog } from './raw-group-commit.ts';

/** The logs that can be measured, each with its store and, but the one in memory, what it is held against. */
export const logNames = ['postgresql', 'eventstore', 'memory'] as const;
export type LogName = (typeof logNames)[number];

/** Contenders and the servers under them. */
export interface OpenedLogs {
  readonly contenders: readonly LogContender[];
  /** What they stand on, one line. */
  readonly note: string;
  close(): Promise<void>;
}

const RAW_PG = 'raw pg group commit';
const RAW_CLIENT = 'raw db-client';
const silent = { info: () => undefined, warn: () => undefined };

/** Starts what the log stands on, and opens it. */
export const openLogs: { readonly [name in LogName]: () => Promise<OpenedLogs> } = {
  async postgresql() {
    const dataDir = freshDataDir();
    const postgres = await startPostgres({ dataDir: await openDataFolder(dataDir), log: silent });
    const leftBehind = endWithThisProcess(() => process.kill(postgres.pid, 'SIGINT'));
    const { connection } = postgres;
    await migratePostgres(connection);
    const contenders = [
      adapterContender('PostgreSQL', new PostgresEventLog({ connection, clock }), RAW_PG),
      await openRawLog(RAW_PG, connection),
    ];
    return {
      contenders,
      note: 'PostgreSQL: fsync on, synchronous_commit on for both tables; the server is a process of its own',
      async close() {
        for (const contender of contenders) await contender.close();
        await postgres.stop();
        leftBehind.callOff();
        await removeData(dataDir);
      },
    };
  },
  async eventstore() {
    const folder = freshDataDir();
    const given = process.env.EVENTSTORE_URL;
    const twin = given ? undefined : await startEventStoreTwinProcess(folder);
    const url = given || twin?.url || '';
    const prefix = `bench-${process.pid}`;
    const contenders = [
      adapterContender('EventStoreDB', new EventStoreDbLog({ url, prefix, clock }), RAW_CLIENT),
      openRawEventStore(RAW_CLIENT, url, 'unary'),
      // The client's own default, which the adapter leaves: one failed append takes all others of the process with it.
      {
        ...openRawEventStore(`${RAW_CLIENT}, all on one stream`, url, 'batch'),
        against: RAW_CLIENT,
        isOfAppends: true,
      },
    ];
    return {
      contenders,
      note: twin
        ? `EventStoreDB: ${twin.description}, in a process of its own, each write flushed to the disk before its answer`
        : 'EventStoreDB: the one of EVENTSTORE_URL, where the streams of this run stay',
      async close() {
        for (const contender of contenders) await contender.close();
        await twin?.stop();
        await removeData(folder);
      },
    };
  },
  async memory() {
    const contenders = [adapterContender('memory', new MemoryEventLog({ clock }), RAW_PG)];
    const close = async () => {
      for (const contender of contenders) await contender.close();
    };
    return { contenders, note: 'memory: nothing is durable', close };
  },
};
