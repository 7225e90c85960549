import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { encodedEvents, freshStream } from '../../testing/encoded-events.ts';
import { type Following, follow } from '../../testing/event-log-following.ts';
import { type EventStoreTwinProcess, startEventStoreTwinProcess } from '../../testing/event-store-twin-process.ts';
import { systemClock } from '../system/index.ts';
import { EventStoreDbLog } from './event-store-db-log.ts';

let folder: string;
let twin: EventStoreTwinProcess;
let prefix: string;
let log: EventStoreDbLog;
/** Why subscriptions were made anew. */
let losses: Arrivals<string>;
let opened: EventStoreDbLog[];
let followings: Following[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnledger-subscription-'));
  twin = await startEventStoreTwinProcess({ dataFolder: folder });
});
beforeEach(() => {
  losses = new Arrivals();
  opened = [];
  followings = [];
  prefix = `subscription-${randomUUID()}`;
  log = open(prefix);
});
afterEach(async () => {
  await twin.heal();
  await Promise.all(followings.map((one) => one.stop()));
  await Promise.all(opened.map((one) => one.close()));
});
afterAll(async () => {
  await twin.stop();
  await rm(folder, { recursive: true, force: true });
});

function open(word: string): EventStoreDbLog {
  const warn = (facts: object) => {
    if ('reason' in facts) losses.add(String(facts.reason));
  };
  const one = new EventStoreDbLog({ url: twin.url, prefix: word, clock: systemClock, log: { info: () => {}, warn } });
  opened.push(one);
  return one;
}
function following(after = 0n, of = log): Following {
  const one = follow(of, after);
  followings.push(one);
  return one;
}
/** Appends so many events, however often it takes, and gives their ids. */
async function write(count: number, to = log): Promise<readonly string[]> {
  const [stream, events] = [freshStream(), encodedEvents(count)];
  while ((await to.append(stream, 'no_stream', events)).outcome !== 'ok') await systemClock.sleep(20);
  return events.map(({ eventId }) => eventId);
}
const ids = (one: Following) => one.events.all.map(({ eventId }) => eventId);
const rises = (one: Following) =>
  one.events.all.every(({ position }, index) => index === 0 || position > (one.events.all[index - 1]?.position ?? 0n));

describe('a lost subscription is made anew where it was, without skipping or repeating', () => {
  test.each([
    ['the server ends it in good order', { kind: 'graceful_end' }, /server ended it/],
    ['the server finds its reader too slow', { kind: 'consumer_too_slow' }, /too slow/i],
    ['the server is not there', { kind: 'unavailable' }, /unavailable/],
  ])('%s', async (_, fault, reason) => {
    const live = following();
    const written = [...(await write(20))];
    await live.events.until(20);
    for (let round = 1; round <= 3; round += 1) {
      const lost = losses.all.length;
      await twin.setFault(fault);
      await losses.until(lost + 1);
      await twin.heal();
      written.push(...(await write(20)));
      await live.events.until(20 * (round + 1));
    }
    expect(ids(live)).toEqual(written);
    expect(rises(live)).toBe(true);
    expect(losses.all[0]).toMatch(reason);
  });

  test('the server is killed and started again, over and over, under a writer', async () => {
    const live = following();
    const written: string[] = [];
    const stopped = new AbortController();
    const writing = (async () => {
      while (!stopped.signal.aborted) written.push(...(await write(3)));
    })();
    for (let round = 1; round <= 3; round += 1) {
      await live.events.until(live.events.all.length + 30);
      const { port } = twin;
      await twin.kill();
      await losses.until(round);
      twin = await startEventStoreTwinProcess({ dataFolder: folder, port });
    }
    await live.events.until(live.events.all.length + 30);
    stopped.abort();
    await writing;
    await live.events.until(written.length);
    expect(ids(live)).toEqual(written);
    expect(rises(live)).toBe(true);
  });
});

describe('caught_up', () => {
  test('is said at the last event of ours, however much others write behind it', async () => {
    const other = open(`other-${randomUUID()}`);
    await write(3);
    for (let round = 0; round < 12; round += 1) await write(100, other);
    const live = following();
    const [position] = await live.caughtUps.until(1);
    expect(live.events.all).toHaveLength(3);
    expect(position).toBe(live.events.all.at(-1)?.position);
    expect(await log.headPosition()).toBe(position);
  });

  test('is said at the start when others alone have written', async () => {
    await write(100, open(`other-${randomUUID()}`));
    expect(await following().caughtUps.until(1)).toEqual([0n]);
    expect(await log.headPosition()).toBe(0n);
  });
});

describe('a shared store', () => {
  test('shows us our streams alone, also beside a prefix that begins with ours', async () => {
    const other = open(`${prefix}-too`);
    const stream = freshStream();
    const [mine, theirs] = [encodedEvents(2), encodedEvents(2)];
    await other.append(stream, 'no_stream', theirs);
    expect(await log.readHead(stream)).toBeUndefined();
    await log.append(stream, 'no_stream', mine);
    const [live, beside] = [following(), following(0n, other)];
    await Promise.all([live.caughtUps.until(1), beside.caughtUps.until(1)]);
    expect(ids(live)).toEqual(mine.map(({ eventId }) => eventId));
    expect(ids(beside)).toEqual(theirs.map(({ eventId }) => eventId));
    expect(live.events.all[0]).toMatchObject({ stream, revision: 0 });
  });

  test('serves as many subscriptions as the bound says, and appends and reads beside them; one more is refused', async () => {
    const many = Array.from({ length: limits.eventStore.maxSubscriptions }, () => following());
    const written = await write(2);
    for (const one of many) {
      await one.events.until(2);
      expect(ids(one)).toEqual(written);
    }
    await expect(following().stop()).rejects.toMatchObject({ code: 'invariant_broken' });
    followings.pop();
    await Promise.all(many.map((one) => one.stop()));
    expect((await following().events.until(2)).map(({ eventId }) => eventId)).toEqual(written);
  });
});

test('a reader that stops for longer than the stall bound is not taken for a stall', async () => {
  await write(1);
  const stop = new AbortController();
  const reader = log.subscribe({ after: 0n, signal: stop.signal })[Symbol.asyncIterator]();
  expect((await reader.next()).value).toMatchObject({ kind: 'event' });
  await write(3);
  await systemClock.sleep(limits.eventStore.stallMs + 500);
  for (let count = 0; count < 3; count += 1) {
    expect((await reader.next()).value).toMatchObject({ kind: 'event' });
  }
  expect((await reader.next()).value).toMatchObject({ kind: 'caught_up' });
  stop.abort();
  await reader.next();
  expect(losses.all).toEqual([]);
});

test('a log that was replaced by a shorter one is never called caught up', async () => {
  await write(5);
  const beyond = (await log.headPosition()) * 1_000n;
  const live = following(beyond);
  expect(await losses.until(1)).toEqual([expect.stringContaining(`the log ends before ${beyond}`)]);
  expect(live.items.all).toEqual([]);
  await expect(log.headPosition()).rejects.toMatchObject({ code: 'store_unavailable' });
});
