import { once } from 'node:events';
import {
  END,
  EventStoreDBClient,
  eventTypeFilter,
  FORWARDS,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newEvent, startTwinAndClient, type TwinAndClient, UNARY } from './testing/twin-and-client.ts';

/** What conformance does not ask of every server; the rules themselves are in infra/conformance. */
describe('the event-store twin', () => {
  let one: TwinAndClient;

  const http = (path: string, method = 'GET', body?: string) =>
    fetch(`http://127.0.0.1:${one.twin.port}${path}`, { method, ...(body === undefined ? {} : { body }) });

  beforeEach(async () => {
    one = await startTwinAndClient();
  });
  afterEach(() => one.close());

  it('is found through gossip, as a cluster of one', async () => {
    const address = `127.0.0.1:${one.twin.port}`;
    const client = EventStoreDBClient.connectionString(`esdb://${address},${address}?tls=false`);
    const { nextExpectedRevision } = await client.appendToStream('s', [newEvent()]);
    await client.dispose();
    expect(nextExpectedRevision).toBe(0n);
  });

  it('is no leader in gossip while it plays a follower', async () => {
    one.twin.faults.set({ kind: 'not_leader', host: '127.0.0.1', port: 1 });
    const address = `127.0.0.1:${one.twin.port}`;
    const follower = `esdb://${address},${address}?tls=false&nodePreference=follower`;
    const client = EventStoreDBClient.connectionString(follower);
    const read = client.readStream('s', { maxCount: 1 });
    await expect(read[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(StreamNotFoundError);
    await client.dispose();
  });

  it('gives a tombstoned stream back to nobody', async () => {
    await one.client.appendToStream('s', [newEvent()], UNARY);
    await one.client.tombstoneStream('s', { expectedRevision: 0n });
    await expect(one.idsIn('s')).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(one.client.appendToStream('s', [newEvent()], UNARY)).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(one.client.appendToStream('s', [newEvent()])).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(one.client.deleteStream('s')).rejects.toBeInstanceOf(StreamDeletedError);
  });

  it('deletes no stream that stands elsewhere', async () => {
    await one.client.appendToStream('s', [newEvent()], UNARY);
    const deletion = one.client.deleteStream('s', { expectedRevision: 7n });
    await expect(deletion).rejects.toBeInstanceOf(WrongExpectedVersionError);
    await expect(deletion).rejects.toMatchObject({ expectedVersion: 7n, actualVersion: 0n });
  });

  it('shows what deleted streams held in $all until somebody scavenges, which it never does', async () => {
    const event = newEvent();
    await one.client.appendToStream('s', [event], UNARY);
    await one.client.deleteStream('s');
    const ids: unknown[] = [];
    for await (const { event: read } of one.client.readAll({ direction: FORWARDS, maxCount: 10 })) ids.push(read?.id);
    expect(ids[0]).toBe(event.id);
  });

  it('filters by event type, prefix or pattern', async () => {
    await one.client.appendToStream('s', [newEvent()], UNARY);
    await one.client.setStreamMetadata('s', { maxCount: 10 });
    for (const filter of [eventTypeFilter({ prefixes: ['$meta'] }), eventTypeFilter({ regex: '^\\$m' })]) {
      const subscription = one.client.subscribeToAll({ filter });
      const [{ event }] = await once(subscription, 'data');
      await subscription.unsubscribe();
      expect(event).toMatchObject({ type: '$metadata', streamId: '$$s' });
    }
  });

  it('keeps no call of a client that has gone', async () => {
    const subscription = one.client.subscribeToAll({ fromPosition: END }).resume();
    await Promise.all([once(subscription, 'caughtUp'), one.client.appendToStream('s', [newEvent()])]);
    expect(one.twin.openCalls()).toBe(2);
    await one.client.dispose();
    while (one.twin.openCalls() > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('answers the health request of the real server on the same port', async () => {
    expect((await http('/health/live')).status).toBe(204);
    one.twin.faults.set({ kind: 'unavailable' });
    expect((await http('/health/live')).status).toBe(503);
  });

  it('takes faults over HTTP, and tells what rules', async () => {
    const set = await http('/twin/fault', 'PUT', '{"kind": "slow", "delayMs": 5}');
    expect([set.status, await set.json()]).toEqual([
      200,
      expect.objectContaining({ fault: { kind: 'slow', delayMs: 5 } }),
    ]);
    expect(one.twin.faults.current).toEqual({ kind: 'slow', delayMs: 5 });
    expect((await http('/twin/fault', 'DELETE')).status).toBe(200);
    expect(await (await http('/twin')).json()).toEqual({ fault: null, hits: 0, events: 0, position: '1024' });
  });

  it.each(['{"kind": "slow"}', '{"kind": "nonsense"}', 'slow', ''])('refuses %p as a fault', async (body) => {
    const refused = await http('/twin/fault', 'PUT', body);
    expect([refused.status, await refused.json()]).toEqual([400, { error: expect.any(String) }]);
    expect(one.twin.faults.current).toBeUndefined();
  });

  it('knows no other address', async () => {
    expect((await http('/streams/s')).status).toBe(404);
  });
});
