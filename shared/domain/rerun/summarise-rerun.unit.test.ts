import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds } from '../../testing/sample-commands.ts';
import { sampleComparison, sampleFigures, sampleRerunRequested } from '../../testing/sample-reruns.ts';
import { evolveRerun, initialRerun, type RerunComparison } from './state.ts';
import { hasDiverged, type RerunSummary, spentBy, summariseRerun } from './summarise-rerun.ts';

const { stateAfter } = deciderSpecification({ initial: initialRerun, evolve: evolveRerun });
const { session, parent, turn, nextTurn, parentTurn } = sampleIds;

const sources = [
  { sessionId: session, throughTurnId: nextTurn, turns: 2 },
  { sessionId: parent, throughTurnId: parentTurn, turns: 3 },
];
const requested = sampleRerunRequested({ sources, turns: 5 });
const summaryOf = (...comparisons: readonly RerunComparison[]): RerunSummary =>
  summariseRerun(stateAfter(requested, ...comparisons.map((data) => ({ type: 'RerunTurnCompared', data }) as const)));
const same = { isSameText: true, similarity: 1 } as const;
const reused = sampleComparison({ ...same, outcome: 'reused', repeated: sampleFigures({ attempts: 0 }) });

describe('a turn that was asked again', () => {
  test.each<[string, boolean, Partial<RerunComparison>]>([
    ['the same text', false, same],
    ['another text', true, { isSameText: false }],
    ['the same text and move', false, { ...same, move: 'same' }],
    ['the same text and another move', true, { ...same, move: 'changed' }],
    ['the same text and a move where there was none', true, { ...same, move: 'added' }],
    ['the same text and no move where there was one', true, { ...same, move: 'removed' }],
    ['no reply', true, { outcome: 'failed', isSameText: false }],
    ['a reply that was reused', false, { ...same, outcome: 'reused', move: 'same' }],
  ])('that came to %s: diverged %s', (_what, diverged, changes) => {
    expect(hasDiverged(sampleComparison(changes))).toBe(diverged);
  });
});

describe('the summary of a re-run', () => {
  test('of nothing yet is nothing, of the turns that it will ask', () => {
    const none = { turns: 0, recorded: 0, repeated: 0 };
    const noMoves = { moves: 0, illegal: 0, unjudged: 0 };
    expect(summaryOf()).toEqual({
      turns: 5,
      compared: 0,
      reused: 0,
      completed: 0,
      failed: 0,
      diverged: 0,
      similarity: { turns: 0, sum: 0 },
      movesRecorded: noMoves,
      movesRepeated: noMoves,
      movesChanged: 0,
      spentMicroUsd: 0,
      unpricedTurns: 0,
      cost: none,
      durationMs: none,
      firstTokenMs: none,
      inputTokens: none,
      outputTokens: none,
      sessions: sources.map(({ sessionId, turns }) => ({ sessionId, turns, compared: 0, diverged: 0 })),
    });
  });

  test('counts turns by what they came to', () => {
    const turns = [
      reused,
      ...(['completed', 'failed', 'timed_out'] as const).map((outcome) => ({ ...reused, outcome })),
    ];
    expect(summaryOf(...turns)).toMatchObject({ compared: 4, reused: 1, completed: 1, failed: 2 });
  });

  test('a reused turn costs nothing and enters no ratio', () => {
    const dear = sampleComparison({ repeated: sampleFigures({ costMicroUsd: 90, durationMs: 450 }) });
    expect(summaryOf(reused, dear)).toMatchObject({
      spentMicroUsd: 90,
      cost: { turns: 1, recorded: 100, repeated: 90 },
      durationMs: { turns: 1, recorded: 800, repeated: 450 },
      similarity: { turns: 2, sum: 1.5 },
    });
  });

  test('a figure that one side lacks enters no ratio, and money is spent all the same', () => {
    const { costMicroUsd: _price, firstTokenMs: _time, ...unpriced } = sampleFigures();
    const summary = summaryOf(sampleComparison({ recorded: unpriced }), sampleComparison({ repeated: unpriced }));
    expect(summary).toMatchObject({
      spentMicroUsd: 150,
      unpricedTurns: 1,
      cost: { turns: 0, recorded: 0, repeated: 0 },
      firstTokenMs: { turns: 0 },
      inputTokens: { turns: 2, recorded: 240, repeated: 240 },
    });
  });

  test('of a turn that nobody was asked for no price is missed', () => {
    const { costMicroUsd: _price, ...bare } = sampleFigures({ status: 'failed', attempts: 0 });
    expect(summaryOf(sampleComparison({ outcome: 'failed', repeated: bare })).unpricedTurns).toBe(0);
  });

  test('adds up to what was added: ten times 0.8 is 8, and their mean no less than 0.8', () => {
    const { similarity } = summaryOf(
      ...Array.from({ length: 10 }, (_, index) => sampleComparison({ turnId: `turn-${index}`, similarity: 0.8 })),
    );
    expect(similarity).toEqual({ turns: 10, sum: 8 });
  });

  test('counts moves on either side: an invalid one is as illegal as one that the game rejected', () => {
    const moves = [
      ['accepted', 'unjudged', 'same'],
      ['rejected', 'invalid', 'removed'],
      ['none', 'unjudged', 'added'],
      ['none', 'none', 'none'],
    ] as const;
    const turns = moves.map(([before, after, move]) =>
      sampleComparison({ move, recorded: sampleFigures({ move: before }), repeated: sampleFigures({ move: after }) }),
    );
    expect(summaryOf(...turns)).toMatchObject({
      movesRecorded: { moves: 2, illegal: 1, unjudged: 0 },
      movesRepeated: { moves: 3, illegal: 1, unjudged: 2 },
      movesChanged: 2,
    });
  });

  test('names the first turn of each session that came apart, by its place and not by when it was asked', () => {
    const summary = summaryOf(
      sampleComparison({ turnId: nextTurn, position: 2 }),
      sampleComparison({ turnId: turn, position: 1 }),
      sampleComparison({ ...same, sessionId: parent, turnId: parentTurn }),
    );
    expect(summary.sessions).toEqual([
      { sessionId: session, turns: 2, compared: 2, diverged: 2, first: { turnId: turn, position: 1 } },
      { sessionId: parent, turns: 3, compared: 1, diverged: 0 },
    ]);
  });
});

const ofTenths = (most: number) => fc.nat({ max: most * 10 }).map((tenths) => tenths / 10);
const figures = fc
  .record(
    {
      costMicroUsd: fc.nat({ max: 1_000_000 }),
      durationMs: ofTenths(60_000),
      firstTokenMs: ofTenths(10_000),
      inputTokens: fc.nat({ max: 8_000 }),
      move: fc.constantFrom('none', 'unjudged', 'accepted', 'rejected', 'invalid'),
    },
    { requiredKeys: ['move'] },
  )
  .map((some) => ({ status: 'completed' as const, attempts: 1, ...some }));
const comparison = fc.record({
  sessionId: fc.constantFrom(session, parent),
  position: fc.integer({ min: 1, max: 50 }),
  outcome: fc.constantFrom('reused', 'completed', 'failed', 'timed_out'),
  isSameText: fc.boolean(),
  similarity: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  move: fc.constantFrom('none', 'same', 'changed', 'added', 'removed'),
  recorded: figures,
  repeated: figures,
});
const comparisons = fc.array(comparison, { maxLength: 30 }).map((list): readonly RerunComparison[] =>
  list.map(({ similarity, ...one }, index) => {
    const { similarity: _sample, ...sample } = sampleComparison({ turnId: `turn-${index}` });
    return { ...sample, ...one, ...(similarity !== undefined && { similarity }) };
  }),
);

describe('the summary of any comparisons', () => {
  const together = (...parts: readonly number[]) => parts.reduce((total, one) => total + one, 0);

  test('is the same in whatever order the turns came about', () => {
    const inAnyOrder = comparisons.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray([...list], { minLength: list.length })),
    );
    fc.assert(
      fc.property(inAnyOrder, ([list, shuffled]) => {
        const [one, other] = [summaryOf(...list), summaryOf(...shuffled)];
        const places = ({ sessions }: RerunSummary) => sessions.map(({ first, ...rest }) => [rest, first?.position]);
        expect(places(other)).toEqual(places(one));
        const { sessions: _one, durationMs, firstTokenMs, ...exact } = one;
        expect(other).toMatchObject(exact);
        for (const [before, after] of [
          [durationMs, other.durationMs],
          [firstTokenMs, other.firstTokenMs],
        ] as const) {
          expect(after.turns).toBe(before.turns);
          expect(after.recorded).toBeCloseTo(before.recorded, 4);
          expect(after.repeated).toBeCloseTo(before.repeated, 4);
        }
      }),
    );
  });

  test('is in each sum that of its sessions, and no part is more than the whole', () => {
    fc.assert(
      fc.property(comparisons, (list) => {
        const { sessions, compared, diverged, reused, completed, failed, similarity, ...rest } = summaryOf(...list);
        expect(together(...sessions.map((one) => one.compared))).toBe(compared);
        expect(together(...sessions.map((one) => one.diverged))).toBe(diverged);
        expect(together(...sessions.map((one) => one.turns))).toBe(rest.turns);
        expect(reused + completed + failed).toBe(compared);
        expect(diverged).toBeLessThanOrEqual(compared - reused);
        expect(similarity.sum).toBeLessThanOrEqual(similarity.turns);
        expect(rest.movesRepeated.illegal + rest.movesRepeated.unjudged).toBeLessThanOrEqual(rest.movesRepeated.moves);
        expect(rest.spentMicroUsd).toBe(spentBy(list));
      }),
    );
  });
});
