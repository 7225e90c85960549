import { limits } from '@turnledger/shared/contracts';
import type { EncodedEvent } from '@turnledger/shared/ports';
import pg from 'pg';
import type { PostgresConnection } from '../../embedded/postgres/server-address.ts';
import type { LogContender } from './log-load.ts';

interface WaitingRow {
  readonly stream: string;
  readonly revision: number;
  readonly event: EncodedEvent;
  readonly settle: (error: unknown) => void;
}

const createTable = `
create table raw_events (
  position bigint generated always as identity primary key, stream text collate "C" not null, revision int not null,
  event_id uuid not null, type text not null, data text not null, metadata text not null, unique (stream, revision))`;

const insertRows = `
insert into raw_events (stream, revision, event_id, type, data, metadata)
select * from unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[])`;

const readRows =
  'select revision, event_id, type, data, metadata from raw_events where stream = $1 order by revision limit $2';
const scanRows = 'select * from raw_events where position > $1 order by position limit $2';

/**
 * The floor that the event log is held against: the same rows, in one statement for all that wait, with the same unique index, and nothing
 * else: no expected revision, no place from a locked head, no retry, no notification.
 */
export async function openRawLog(name: string, connection: PostgresConnection): Promise<LogContender> {
  const writer = new pg.Client(connection);
  const readers = new pg.Pool({ ...connection, max: limits.log.readConnections });
  // The pool's end does not wait for its connections to close, and a server that stops meanwhile says so on them.
  readers.on('error', () => undefined);
  await writer.connect();
  await writer.query(createTable);
  let waiting: WaitingRow[] = [];
  let running: Promise<void> | undefined;

  const insert = (rows: readonly WaitingRow[]) =>
    writer.query({
      name: 'insert-rows',
      text: insertRows,
      values: [
        rows.map(({ stream }) => stream),
        rows.map(({ revision }) => revision),
        rows.map(({ event }) => event.eventId),
        rows.map(({ event }) => event.type),
        rows.map(({ event }) => event.data),
        rows.map(({ event }) => JSON.stringify(event.metadata)),
      ],
    });
  const run = async () => {
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = waiting.slice(0, limits.log.maxAppendsPerGroup);
      waiting = waiting.slice(group.length);
      const error = await insert(group).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      for (const { settle } of group) settle(error);
    }
    running = undefined;
  };

  return {
    name,
    append: (stream, revision, event) =>
      new Promise((resolve, reject) => {
        const settle = (error: unknown) => (error === undefined ? resolve() : reject(error));
        waiting.push({ stream, revision: revision + 1, event, settle });
        running ??= run();
      }),
    async read(stream, count) {
      const { rows } = await readers.query({ name: 'read-rows', text: readRows, values: [stream, count] });
      return rows.map(({ metadata }) => JSON.parse(metadata)).length;
    },
    async scan() {
      let [position, events] = ['0', 0];
      while (true) {
        const { rows } = await readers.query({
          name: 'scan-rows',
          text: scanRows,
          values: [position, limits.log.pageEvents],
        });
        if (rows.length === 0) return events;
        events += rows.map(({ metadata }) => JSON.parse(metadata)).length;
        position = rows.at(-1).position;
      }
    },
    async close() {
      await running;
      await writer.end();
      await readers.end();
    },
  };
}
