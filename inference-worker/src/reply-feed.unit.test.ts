import { beforeEach, describe, expect, test } from '@jest/globals';
import { emptyVaultRecords, MemoryTurnFeed, openMemoryKeyVault } from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { FeedMessage } from '@turnledger/shared/ports';
import { feedIds, openDelta } from '@turnledger/shared/runtime';
import { ManualClock } from '@turnledger/shared/testing';
import { openReplyFeed, type ReplyFeed } from './reply-feed.ts';

const { coalesceMs } = limits.feed;
const turnId = '0198c0de-0000-7000-8000-0000000000a1';
const keyId = '0198c0de-0000-7000-8000-0000000000b1';

let clock: ManualClock;
let feed: MemoryTurnFeed;
let vault: ReturnType<typeof openMemoryKeyVault>;
let live: ReplyFeed;

/** Lets everything that is ready run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

async function messages(): Promise<readonly FeedMessage[]> {
  await settle();
  const found: FeedMessage[] = [];
  for await (const message of feed.read(turnId, { after: 0, signal: new AbortController().signal, follow: false }))
    found.push(message);
  return found;
}

const texts = async () => {
  const deltas = (await messages()).filter(({ kind }) => kind === 'delta');
  return Promise.all(deltas.map((delta) => openDelta(turnId, delta, vault)));
};

beforeEach(async () => {
  clock = new ManualClock();
  feed = new MemoryTurnFeed({ clock });
  vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  await vault.ensureKey(keyId);
  live = openReplyFeed({ feed, vault, clock, ids }, turnId, 2, 'some-model', keyId);
});

describe('a reply feed', () => {
  test('says first that the attempt has started, by its number and model', async () => {
    expect(await messages()).toEqual([{ id: 2 * feedIds.perAttempt, kind: 'started', payload: 'some-model' }]);
  });

  test('sends the first text at once', async () => {
    live.push('I');
    expect(await texts()).toEqual(['I']);
  });

  test('gathers what comes within 30 ms of the last message', async () => {
    live.push('I ');
    live.push('was ');
    await clock.advanceBy(coalesceMs - 1);
    live.push('here.');
    expect(await texts()).toEqual(['I ']);
    await clock.advanceBy(1);
    expect(await texts()).toEqual(['I ', 'was here.']);
  });

  test('text after a pause goes out at once', async () => {
    live.push('I ');
    await clock.advanceBy(coalesceMs);
    live.push('was');
    expect(await texts()).toEqual(['I ', 'was']);
  });

  test('sends at most one message per 30 ms, whole and numbered without gaps', async () => {
    const said = Array.from({ length: 200 }, (_, index) => `${index} `);
    for (const text of said) {
      live.push(text);
      await clock.advanceBy(1);
    }
    await live.flush();
    expect((await texts()).join('')).toBe(said.join(''));
    const deltas = (await messages()).filter(({ kind }) => kind === 'delta');
    expect(deltas.length).toBeLessThanOrEqual(Math.ceil(200 / coalesceMs) + 1);
    expect(deltas.map(({ id }) => id)).toEqual(deltas.map((_, index) => 2 * feedIds.perAttempt + 1 + index));
  });

  test('a flush sends what is left and leaves no timer', async () => {
    live.push('I ');
    live.push('was');
    await live.flush();
    expect(await texts()).toEqual(['I ', 'was']);
    await settle();
    expect(clock.sleeping).toBe(0);
  });

  test('what is said stands sealed in the feed', async () => {
    live.push('the butler');
    expect(JSON.stringify(await messages())).not.toContain('butler');
  });

  test('a vault that fails costs that delta alone', async () => {
    const { dataKey } = vault;
    vault.dataKey = async () => {
      throw new TurnledgerError('store_unavailable');
    };
    live.push('lost ');
    await settle();
    vault.dataKey = dataKey;
    await clock.advanceBy(coalesceMs);
    live.push('kept');
    await live.flush();
    expect(await texts()).toEqual(['kept']);
    expect((await messages()).at(-1)?.id).toBe(2 * feedIds.perAttempt + 2);
  });
});
