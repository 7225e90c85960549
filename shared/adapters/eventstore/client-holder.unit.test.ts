import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { ClientHolder } from './client-holder.ts';
import { eventStoreConnection } from './connection-string.ts';

const { failuresBeforeNewClient, minClientLifeMs, maxClientLifeMs } = limits.eventStore;

describe('ClientHolder', () => {
  let clock: ManualClock;
  let said: string[];
  let holder: ClientHolder;
  beforeEach(() => {
    clock = new ManualClock();
    said = [];
    const hear = (_: object, sentence: string) => said.push(sentence);
    const connection = eventStoreConnection('esdb://127.0.0.1:1?tls=false');
    holder = new ClientHolder(connection, clock, { info: hear, warn: hear });
  });
  afterEach(() => holder.close());
  const fail = (times: number) => {
    for (let count = 0; count < times; count += 1) holder.noteFailure('unavailable');
  };

  test('takes another client after failures in a row, and tells those who use the old one', async () => {
    const { client, retired } = holder.held;
    await clock.advanceBy(minClientLifeMs);
    fail(failuresBeforeNewClient - 1);
    expect(holder.held.client).toBe(client);
    fail(1);
    expect(holder.held.client).not.toBe(client);
    expect([retired.aborted, holder.held.retired.aborted]).toEqual([true, false]);
  });

  test('counts from the last success', async () => {
    const { client } = holder.held;
    await clock.advanceBy(minClientLifeMs);
    fail(failuresBeforeNewClient - 1);
    holder.noteSuccess();
    fail(failuresBeforeNewClient - 1);
    expect(holder.held.client).toBe(client);
  });

  test('gives each new client longer than the one before, up to a bound', async () => {
    const livesMs: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      const { client } = holder.held;
      let lifeMs = 0;
      while (holder.held.client === client) {
        await clock.advanceBy(500);
        lifeMs += 500;
        fail(failuresBeforeNewClient);
      }
      livesMs.push(lifeMs);
    }
    expect(livesMs).toEqual([1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1_000));
    expect(maxClientLifeMs).toBe(30_000);
  });

  test('says once that the store does not answer, and once that it does again', () => {
    fail(3 * failuresBeforeNewClient);
    holder.noteSuccess();
    holder.noteSuccess();
    expect(said).toEqual(['the event store does not answer', 'the event store answers again']);
  });

  test('makes no client after its end', async () => {
    const { client, retired } = holder.held;
    holder.close();
    await clock.advanceBy(minClientLifeMs);
    fail(failuresBeforeNewClient);
    expect(holder.held.client).toBe(client);
    expect(retired.aborted).toBe(true);
  });
});
