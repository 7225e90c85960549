import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HandledOffsets } from './handled-offsets.ts';

const MAX_BYTES = 4_096;

/** Offsets begun from a first one on, of which some are handled. */
function after(first: number, count: number, isHandled: (offset: number) => boolean): HandledOffsets {
  const offsets = new HandledOffsets();
  for (let offset = first; offset < first + count; offset += 1) offsets.begin(offset);
  for (let offset = first; offset < first + count; offset += 1) if (isHandled(offset)) offsets.handled(offset);
  return offsets;
}

describe('HandledOffsets', () => {
  test('has no mark before the first message', () => {
    expect(new HandledOffsets().mark(MAX_BYTES)).toBeUndefined();
  });

  test('marks the oldest message that is not handled', () => {
    expect(after(100, 5, (offset) => offset !== 102).mark(MAX_BYTES)).toEqual({ offset: 102, metadata: '1;3;' });
  });

  test('marks the end when all are handled', () => {
    expect(after(100, 5, () => true).mark(MAX_BYTES)).toEqual({ offset: 105, metadata: '' });
  });

  test('takes a message that was seen before for no news', () => {
    const offsets = after(100, 5, (offset) => offset === 101);
    expect([100, 101, 104, 105].map((offset) => offsets.begin(offset))).toEqual([false, false, false, true]);
  });

  test('goes on over a gap', () => {
    const offsets = new HandledOffsets();
    for (const offset of [3, 9, 10]) offsets.begin(offset);
    offsets.handled(3);
    expect(offsets.mark(MAX_BYTES)?.offset).toBe(9);
  });

  test('goes on where a mark was, without what was handled above it', () => {
    const mark = after(0, 6, (offset) => offset === 0 || offset === 2 || offset === 4).mark(MAX_BYTES);
    const offsets = HandledOffsets.restore(mark ?? { offset: 0, metadata: '' });
    expect([1, 2, 3, 4, 5, 6].filter((offset) => offsets.begin(offset))).toEqual([1, 3, 5, 6]);
  });

  test.each(['', 'event-id-3', '1;', '1;zz', '1;4;,', '1;4;1,,2', '2;4;1', '1;4;-1'])(
    'takes all for unhandled behind a mark whose metadata is not its own: %j',
    (metadata) => {
      const offsets = HandledOffsets.restore({ offset: 10, metadata });
      expect([10, 11, 12, 13].map((offset) => offsets.begin(offset))).toEqual([true, true, true, true]);
    },
  );

  test('keeps the metadata within its bytes; what does not fit comes again', () => {
    const all = after(0, 20_000, (offset) => offset % 2 === 1);
    const mark = all.mark(MAX_BYTES);
    expect(mark?.metadata.length).toBeGreaterThan(MAX_BYTES - 32);
    expect(mark?.metadata.length).toBeLessThanOrEqual(MAX_BYTES);
    const offsets = HandledOffsets.restore(mark ?? { offset: 0, metadata: '' });
    const news = Array.from({ length: 20_000 }, (_, offset) => offset).filter((offset) => offsets.begin(offset));
    expect(news.filter((offset) => offset % 2 === 0)).toHaveLength(10_000);
    expect(news.length).toBeLessThan(20_000 - 1_000);
  });

  test('whatever is handled, in any order, a restored mark loses no unhandled message and repeats no handled one', () => {
    const histories = fc.record({
      first: fc.nat({ max: Number.MAX_SAFE_INTEGER - 1_000 }),
      handled: fc.array(fc.boolean(), { maxLength: 200 }),
      maxBytes: fc.integer({ min: 32, max: 400 }),
    });
    fc.assert(
      fc.property(histories, ({ first, handled, maxBytes }) => {
        const mark = after(first, handled.length, (offset) => handled[offset - first] === true).mark(maxBytes);
        if (!mark) return handled.length === 0;
        const offsets = HandledOffsets.restore(mark);
        const every = handled.map((_, index) => first + index);
        const news = new Set(every.filter((offset) => offset >= mark.offset && offsets.begin(offset)));
        const fits = mark.metadata.length < maxBytes - 16;
        return every.every((offset, index) => (handled[index] ? !fits || !news.has(offset) : news.has(offset)));
      }),
    );
  });
});
