import { describe, expect, it } from '@jest/globals';
import type { AppendFile } from './append-file.ts';
import type { ProposedEvent } from './logged-event.ts';
import { createTwinStore } from './twin-store.ts';

const NONE = new Uint8Array();
const event = (id: string): ProposedEvent => ({
  id,
  type: 'Tested',
  contentType: 'application/json',
  data: NONE,
  customMetadata: NONE,
});

/** A file whose flushes end when the test says so. */
const heldFile = (replayed: AppendFile['replayed'] = []) => {
  const flushes: (() => void)[] = [];
  const file: AppendFile = {
    replayed,
    write: () => undefined,
    flushed: () => new Promise((resolve) => void flushes.push(resolve)),
    close: () => Promise.resolve(),
  };
  const flush = () => {
    for (const resolve of flushes.splice(0)) resolve();
  };
  return { file, flush };
};

const turns = () => new Promise((resolve) => setImmediate(resolve));

describe('the store of the event-store twin', () => {
  it('neither answers nor shows a write before it is on the disk, also not to who repeats it or conflicts with it', async () => {
    const { file, flush } = heldFile();
    const store = createTwinStore(() => 1, file);
    const answered: string[] = [];
    const appends = [event('a'), event('a'), event('b')].map(async (one) => {
      answered.push((await store.append('s', 'no_stream', [one])).outcome);
    });
    await turns();
    expect([answered, store.log.shown, store.log.length]).toEqual([[], 0, 1]);
    flush();
    await Promise.all(appends);
    expect([answered, store.log.shown]).toEqual([['ok', 'ok', 'conflict'], 1]);
  });

  it('rejects what it could not write, and shows it to nobody', async () => {
    const broken = { ...heldFile().file, flushed: () => Promise.reject(new RangeError('the disk is full')) };
    const store = createTwinStore(() => 1, broken);
    await expect(store.append('s', 'any', [event('a')])).rejects.toThrow('the disk is full');
    expect(store.log.shown).toBe(0);
  });

  it('stands after a restart as it stood: positions, deletions and what was brought back', async () => {
    const writes: AppendFile['replayed'][number][] = [];
    const recording: AppendFile = {
      replayed: [],
      write: (write) => void writes.push(write),
      flushed: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const store = createTwinStore(() => 7, recording);
    await store.append('gone', 'any', [event('a')]);
    await store.tombstone('gone', 'any');
    await store.append('back', 'any', [event('b')]);
    await store.softDelete('back', 0n);
    await store.append('back', 'no_stream', [event('c')]);
    await store.append('hidden', 'any', [event('d')]);
    await store.softDelete('hidden', 'any');

    const again = createTwinStore(() => 8, { ...recording, replayed: [...writes] });
    const all = (of: typeof store) => Array.from({ length: of.log.length }, (_, index) => of.log.at(index));
    expect(all(again)).toEqual(all(store));
    expect(again.log.end).toBe(store.log.end);
    expect(again.log.stream('gone').isTombstoned).toBe(true);
    expect(again.log.visibility('back')).toEqual({ truncateBefore: 1n, isSoftDeleted: false });
    expect(again.log.visibility('hidden').isSoftDeleted).toBe(true);
  });
});
