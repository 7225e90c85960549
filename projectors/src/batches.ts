import { setImmediate as nextTick } from 'node:timers/promises';

/**
 * Groups what is ready, up to a bound: a slow reader gets large batches, an idle one gets each item at once. Ends with its source, and
 * closes it when the reader stops early.
 */
export async function* batches<Item>(
  source: AsyncIterable<Item>,
  maxItems: number,
): AsyncGenerator<readonly [Item, ...Item[]], void> {
  const items = source[Symbol.asyncIterator]();
  // An item is asked for before the reader comes for it: a failure waits here meanwhile, for unheard it would end the process.
  const ask = () => {
    const item = items.next();
    item.catch(() => {});
    return item;
  };
  try {
    let next = ask();
    for (;;) {
      const first = await next;
      if (first.done) return;
      const batch: [Item, ...Item[]] = [first.value];
      next = ask();
      // What comes within one turn of the event loop belongs together; a tick for each item would cost more than the item.
      const tick = nextTick(undefined);
      while (batch.length < maxItems) {
        const ready = await Promise.race([next, tick]);
        if (ready === undefined || ready.done) break;
        batch.push(ready.value);
        next = ask();
      }
      yield batch;
    }
  } finally {
    void items.return?.()?.then(undefined, () => {});
  }
}
