import { describe, expect, test } from '@jest/globals';
import { Arrivals } from '@turnledger/shared/testing';
import fc from 'fast-check';
import { batches } from './batches.ts';

async function* given<Item>(...items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

const collect = async <Item>(source: AsyncIterable<Item>, maxItems: number) => {
  const all: (readonly Item[])[] = [];
  for await (const batch of batches(source, maxItems)) all.push(batch);
  return all;
};

describe('batches', () => {
  test('holds every item once, in order, none empty and none over the bound', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), async (items, maxItems) => {
        const all = await collect(given(...items), maxItems);
        expect(all.flat()).toEqual(items);
        expect(all.every(({ length }) => length >= 1 && length <= maxItems)).toBe(true);
      }),
    );
  });

  test('what is ready comes together', async () => {
    expect(await collect(given(1, 2, 3, 4, 5), 2)).toEqual([[1, 2], [3, 4], [5]]);
  });

  test('a single item does not wait for a second', async () => {
    const more = new Arrivals<number>();
    async function* slow() {
      yield 1;
      await more.until(1);
      yield 2;
    }
    const reader = batches(slow(), 10);
    expect((await reader.next()).value).toEqual([1]);
    more.add(2);
    expect((await reader.next()).value).toEqual([2]);
    expect((await reader.next()).done).toBe(true);
  });

  test('a reader who stops early closes the source', async () => {
    let isClosed = false;
    async function* endless() {
      try {
        for (let item = 0; ; item += 1) yield item;
      } finally {
        isClosed = true;
      }
    }
    for await (const batch of batches(endless(), 3)) if (batch[0] > 5) break;
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(isClosed).toBe(true);
  });

  test('a source that fails fails its reader', async () => {
    async function* failing() {
      yield 1;
      throw new TypeError('lost');
    }
    await expect(collect(failing(), 1)).rejects.toThrow('lost');
  });

  test('a source that fails while a batch is in hand does so when it is read, not as an unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    async function* failing() {
      yield 1;
      await new Promise<void>((resolve) => setImmediate(resolve));
      throw new TypeError('lost');
    }
    const reader = batches(failing(), 1);
    await reader.next();
    for (let tick = 0; tick < 5; tick += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    await reader.return();
    await new Promise<void>((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});
