import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStoreTwinProcess, startEventStoreTwinProcess } from '@turnledger/shared/testing';
import { newEvent, UNARY } from './testing/twin-and-client.ts';

const KILLS = 3;
const WRITERS = 16;

describe('the event-store twin with a data folder', () => {
  let dataFolder: string;
  let twin: EventStoreTwinProcess;

  const allIds = async (): Promise<readonly (string | undefined)[]> => {
    const client = EventStoreDBClient.connectionString(twin.url);
    const ids: (string | undefined)[] = [];
    for await (const { event } of client.readAll({ maxCount: 100_000 })) ids.push(event?.id);
    await client.dispose();
    return ids;
  };

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'turnledger-eventstore-'));
    twin = await startEventStoreTwinProcess({ dataFolder });
  });
  afterEach(async () => {
    await twin.stop();
    await rm(dataFolder, { recursive: true, force: true });
  });

  it('loses no acknowledged event to kill -9 under load, and a retry with the same ids makes no second', async () => {
    const acknowledged: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const client = EventStoreDBClient.connectionString(twin.url);
      let isKilled = false;
      const unknown: { stream: string; id: string }[] = [];
      const writers = Array.from({ length: WRITERS }, async () => {
        while (!isKilled) {
          const [stream, id] = [`s-${randomUUID()}`, randomUUID()];
          const append = client.appendToStream(stream, [newEvent(id)], { ...UNARY, expectedRevision: 'no_stream' });
          await append.then(
            () => acknowledged.push(id),
            () => unknown.push({ stream, id }),
          );
        }
      });
      while (acknowledged.length < 100 * (kill + 1)) await new Promise((resolve) => setImmediate(resolve));
      await twin.kill();
      isKilled = true;
      await Promise.all(writers);
      await client.dispose();
      twin = await startEventStoreTwinProcess({ dataFolder, port: twin.port });
      const retries = EventStoreDBClient.connectionString(twin.url);
      for (const { stream, id } of unknown) {
        await retries.appendToStream(stream, [newEvent(id)], { ...UNARY, expectedRevision: 'no_stream' });
        acknowledged.push(id);
      }
      await retries.dispose();
    }
    const ids = await allIds();
    expect([...ids].toSorted()).toEqual(acknowledged.toSorted());
  });

  it('ends when whoever started it is gone', async () => {
    const { url } = twin;
    await twin.stop();
    const client = EventStoreDBClient.connectionString(url);
    await expect(client.appendToStream('s', [newEvent()], UNARY)).rejects.toMatchObject({ code: 14 });
    await client.dispose();
  });
});
