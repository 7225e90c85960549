import { describe, expect, it } from '@jest/globals';
import { hopTimes, KAFKA_HOP, kafkaHopMs, RELAY_HOP, type TurnTimes, turnTimes } from './hop-times.ts';
import type { TurnTrace } from './turn-traces.ts';

/** Asked at `askedAtMs`, then a different stretch for each hop: 1, 2, 4, … ms. */
const turnAt = (askedAtMs: number): TurnTimes => ({
  askedAtMs,
  requested: { recordedAtMs: askedAtMs + 1, loggedAtMs: askedAtMs + 3 },
  sentAtMs: askedAtMs + 7,
  started: { recordedAtMs: askedAtMs + 15, loggedAtMs: askedAtMs + 31 },
  modelMs: 32,
  completed: { recordedAtMs: askedAtMs + 127, loggedAtMs: askedAtMs + 255 },
  answeredAtMs: askedAtMs + 511,
});

describe('hopTimes', () => {
  it('has every stretch of the way in its order, and the whole at the end', () => {
    expect(hopTimes([turnAt(1_000)]).map(({ meanMs }) => meanMs)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 511]);
  });

  it('has means that add up to the whole, also where clocks disagree by a millisecond', () => {
    const skewed = { ...turnAt(0), requested: { recordedAtMs: 1, loggedAtMs: 0 } };
    const [whole, ...parts] = hopTimes([turnAt(0), skewed, turnAt(7)]).toReversed();
    expect(parts.reduce((sum, { meanMs }) => sum + meanMs, 0)).toBeCloseTo(whole?.meanMs ?? 0);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('takes percentiles of each stretch by itself', () => {
    const turns = [10, 20, 30, 40].map((answeredAtMs) => ({ ...turnAt(0), answeredAtMs: 255 + answeredAtMs }));
    expect(hopTimes(turns).at(-2)).toMatchObject({ meanMs: 25, p50Ms: 20, p95Ms: 40 });
  });

  it('names the two stretches that the worker metric divides', () => {
    const hops = hopTimes([turnAt(0)]);
    expect(hops.find(({ name }) => name === RELAY_HOP)?.meanMs).toBe(4);
    expect(hops.find(({ name }) => name === KAFKA_HOP)?.meanMs).toBe(kafkaHopMs(turnAt(0)));
  });

  it('has no numbers for no turns', () => {
    expect(hopTimes([]).every(({ meanMs, p50Ms }) => Number.isNaN(meanMs) && Number.isNaN(p50Ms))).toBe(true);
  });
});

describe('turnTimes', () => {
  const { askedAtMs, answeredAtMs, sentAtMs, ...rest } = turnAt(0);
  const trace: TurnTrace = { ...rest, starts: 1 };
  const { completed: _ended, ...open } = trace;
  const told = { turnId: 't-1', askedAtMs, answeredAtMs };

  it('is what log, topic and client say together', () => {
    expect(turnTimes(trace, told, sentAtMs)).toEqual(turnAt(0));
  });

  it.each<[string, TurnTrace | undefined, number | undefined]>([
    ['the log does not know', undefined, sentAtMs],
    ['the topic does not know', trace, undefined],
    ['has not ended', open, sentAtMs],
    ['was claimed twice', { ...trace, starts: 2 }, sentAtMs],
  ])('is nothing of a turn that %s', (_what, known, sent) => {
    expect(turnTimes(known, told, sent)).toBeUndefined();
  });
});
