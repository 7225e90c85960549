import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import type { LogItem } from '../../ports/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { encodedEvents, freshStream } from '../../testing/encoded-events.ts';
import { type EventStoreTwinProcess, startEventStoreTwinProcess } from '../../testing/event-store-twin-process.ts';
import { systemClock } from '../system/index.ts';
import { ClientHolder } from './client-holder.ts';
import { eventStoreConnection } from './connection-string.ts';
import { EventStoreDbLog } from './event-store-db-log.ts';
import { OwnHead } from './own-head.ts';
import type { ReadBackwards } from './read-events.ts';
import { StreamPrefix } from './stream-prefix.ts';
import { subscribe } from './subscribe.ts';

let twin: EventStoreTwinProcess;
let word: string;
let log: EventStoreDbLog;
let holder: ClientHolder;
let losses: Arrivals<string>;
let stop: AbortController;

beforeAll(async () => {
  twin = await startEventStoreTwinProcess();
});
beforeEach(() => {
  word = `subscribe-${randomUUID()}`;
  log = new EventStoreDbLog({ url: twin.url, prefix: word, clock: systemClock });
  holder = new ClientHolder(eventStoreConnection(twin.url), systemClock, undefined);
  losses = new Arrivals();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  holder.close();
  await log.close();
});
afterAll(() => twin.stop());

/** A subscription to the twin that is told by the test where the log ends. */
function subscription(readBackwards: ReadBackwards): () => Promise<LogItem | undefined> {
  const warn = (facts: object) => losses.add('reason' in facts ? String(facts.reason) : '');
  const source = {
    holder,
    head: new OwnHead(readBackwards, () => systemClock.monotonicMs()),
    prefix: new StreamPrefix(word),
    clock: systemClock,
    notices: { info: () => {}, warn },
    closed: stop.signal,
  };
  const items = subscribe(source, { after: 0n, signal: stop.signal });
  return async () => (await items.next()).value ?? undefined;
}
const write = (count: number) => log.append(freshStream(), 'no_stream', encodedEvents(count));

test('caught_up waits for the head as it was asked for after the last event, not for an answer from before', async () => {
  const questions = new Arrivals<(head: bigint) => void>();
  const next = subscription(
    () => new Promise((resolve) => questions.add((position) => resolve([{ position, isOwn: true }]))),
  );
  await write(1);
  expect(await next()).toMatchObject({ kind: 'event' });
  const before = await log.headPosition();
  const second = next();
  await questions.until(1);
  await write(1);
  expect(await second).toMatchObject({ kind: 'event' });
  questions.all[0]?.(before);
  const third = next();
  await questions.until(2);
  const position = await log.headPosition();
  questions.all[1]?.(position);
  expect(await third).toEqual({ kind: 'caught_up', position });
});

test('nothing comes though the log holds more: never caught up, made anew, and nothing shown twice', async () => {
  let beyond: bigint | undefined;
  const next = subscription(async () => [{ position: beyond ?? (await log.headPosition()), isOwn: true }]);
  await write(2);
  beyond = (await log.headPosition()) + 1n;
  expect(await next()).toMatchObject({ kind: 'event', event: { revision: 0 } });
  expect(await next()).toMatchObject({ kind: 'event', event: { revision: 1 } });
  const third = next();
  expect(await losses.until(1)).toEqual([`nothing came for ${limits.eventStore.stallMs} ms: the log holds more`]);
  beyond = undefined;
  await write(1);
  expect(await third).toMatchObject({ kind: 'event', event: { revision: 0 } });
  expect(await next()).toEqual({ kind: 'caught_up', position: await log.headPosition() });
});
