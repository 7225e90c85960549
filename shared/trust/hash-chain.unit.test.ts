import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ChainedEvent, eventHash, firstBrokenLink, zeroHash } from './hash-chain.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 });

const draft = fc.record({
  eventId: fc.uuid(),
  type: fc.constantFrom('TurnRequested', 'TurnStarted'),
  data: fc.json(),
  metadata: fc.dictionary(fc.constantFrom('recordedAt', 'actor', 'traceparent', 'schemaVersion'), text),
});

/** Streams of two to six events whose chain holds. */
const chain: fc.Arbitrary<readonly ChainedEvent[]> = fc.array(draft, { minLength: 2, maxLength: 6 }).map((drafts) => {
  let prevHash = zeroHash;
  return drafts.map((one, revision) => {
    const unlinked = { ...one, stream: 'session-1', revision };
    const hash = eventHash(unlinked, prevHash);
    const event = { ...unlinked, metadata: { ...one.metadata, prevHash, hash } };
    prevHash = hash;
    return event;
  });
});

/** The text with one bit of one of its characters turned. */
const changed = (value: string, at: number): string => {
  if (value === '') return '!';
  const index = at % value.length;
  return value.slice(0, index) + String.fromCharCode(value.charCodeAt(index) ^ 1) + value.slice(index + 1);
};

const at = <T>(items: readonly T[], index: number): T => items[index % items.length] as T;

describe('firstBrokenLink', () => {
  it('finds nothing in a stream that nobody touched', () => {
    fc.assert(fc.property(chain, (events) => expect(firstBrokenLink(events)).toBeUndefined()));
  });

  it.each(['stream', 'eventId', 'type', 'data'] as const)('finds one changed character of %s', (field) => {
    fc.assert(
      fc.property(chain, fc.nat(), fc.nat(), (events, which, where) => {
        const broken = at(events, which);
        const forged = events.map((event) =>
          event === broken ? { ...event, [field]: changed(event[field], where) } : event,
        );
        expect(firstBrokenLink(forged)).toBe(broken.revision);
      }),
    );
  });

  it('finds one changed character of any metadata value, the hashes included', () => {
    fc.assert(
      fc.property(chain, fc.nat(), fc.nat(), fc.nat(), (events, which, name, where) => {
        const broken = at(events, which);
        const [key, value] = at(Object.entries(broken.metadata), name);
        const metadata = { ...broken.metadata, [key]: changed(value, where) };
        const forged = events.map((event) => (event === broken ? { ...event, metadata } : event));
        expect(firstBrokenLink(forged)).toBe(broken.revision);
      }),
    );
  });

  it('finds metadata that was added, removed or renamed', () => {
    fc.assert(
      fc.property(chain, fc.nat(), (events, which) => {
        const broken = at(events, which);
        const { actor, ...rest } = broken.metadata;
        const metadata = actor === undefined ? { ...rest, actor: 'game' } : { ...rest, actress: actor };
        const forged = events.map((event) => (event === broken ? { ...event, metadata } : event));
        expect(firstBrokenLink(forged)).toBe(broken.revision);
      }),
    );
  });

  it('finds a revision that was renumbered', () => {
    fc.assert(
      fc.property(chain, fc.nat(), (events, which) => {
        const broken = at(events, which);
        const forged = events.map((event) => (event === broken ? { ...event, revision: event.revision + 1 } : event));
        expect(firstBrokenLink(forged)).toBe(broken.revision + 1);
      }),
    );
  });

  it('finds a removed event at the one that followed it', () => {
    fc.assert(
      fc.property(chain, fc.nat(), (events, which) => {
        const removed = which % (events.length - 1);
        expect(firstBrokenLink(events.filter(({ revision }) => revision !== removed))).toBe(removed + 1);
      }),
    );
  });

  it('finds two neighbours that changed places', () => {
    fc.assert(
      fc.property(chain, fc.nat(), (events, which) => {
        const first = which % (events.length - 1);
        const swapped = [
          ...events.slice(0, first),
          at(events, first + 1),
          at(events, first),
          ...events.slice(first + 2),
        ];
        expect(firstBrokenLink(swapped)).toBe(first + 1);
      }),
    );
  });

  it('goes on from a given hash, as a fork does from its parent', () => {
    fc.assert(
      fc.property(chain, (events) => {
        const [first, ...others] = events;
        expect(firstBrokenLink(others, first?.metadata.hash ?? '')).toBeUndefined();
        expect(firstBrokenLink(others)).toBe(1);
      }),
    );
  });

  it('does not depend on the order in which metadata was written', () => {
    fc.assert(
      fc.property(chain, (events) => {
        const reversed = events.map((event) => ({
          ...event,
          metadata: Object.fromEntries(Object.entries(event.metadata).reverse()),
        }));
        expect(firstBrokenLink(reversed)).toBeUndefined();
      }),
    );
  });
});

describe('data as the log stores it', () => {
  /** What the edge admits: well-formed text without NUL, finite numbers, no `__proto__`. */
  const admitted = fc
    .jsonValue({ maxDepth: 5, stringUnit: 'grapheme' })
    .filter((value) => !JSON.stringify(value).includes('__proto__'));

  it('comes back byte for byte from a client library that parses it', () => {
    fc.assert(
      fc.property(admitted, (value) => {
        const bytes = JSON.stringify(value);
        expect(JSON.stringify(JSON.parse(bytes))).toBe(bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['integer-like keys out of order', '{"b":1,"10":2,"2":3,"a":4}'],
    ['a key twice', '{"a":1,"b":2,"a":3}'],
    ['numbers in other spellings', '[-0,0.10,1E3,1e400,123456789012345678901234567890]'],
    ['escapes in other spellings', String.raw`["\u0041\/","\u2028","\ud83d\ude00"]`],
  ])('does so for what a client wrote as %s, once it was parsed', (_name, written) => {
    const bytes = JSON.stringify(JSON.parse(written));
    expect(JSON.stringify(JSON.parse(bytes))).toBe(bytes);
  });
});
