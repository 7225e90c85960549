import { expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { cacheContract } from '../../testing/cache-contract.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { MemoryCache } from './memory-cache.ts';

cacheContract('memory', async () => ({
  cache: new MemoryCache({ clock: new ManualClock() }),
  close: async () => {},
}));

test('an entry is kept for its time', async () => {
  const clock = new ManualClock();
  const cache = new MemoryCache({ clock });
  await cache.put('session', 'text');
  await clock.advanceBy(limits.cache.keepMs);
  expect(await cache.get('session')).toBe('text');
  await clock.advanceBy(1);
  expect(await cache.get('session')).toBeUndefined();
});

test('for want of room the entry that was not read for longest goes', async () => {
  const cache = new MemoryCache({ clock: new ManualClock() });
  const text = 'x'.repeat(limits.cache.maxEntryBytes);
  const count = Math.floor(limits.cache.maxBytes / (text.length + 1));
  for (let index = 0; index < count; index += 1) await cache.put(`entry ${index}`, text);
  await cache.get('entry 0');
  await cache.put('one more', text);
  expect(await cache.get('entry 0')).toBe(text);
  expect(await cache.get('entry 1')).toBeUndefined();
});
