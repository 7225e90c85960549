import { describe, expect, test } from '@jest/globals';
import type { TurnRecord } from '@turnledger/shared/domain';
import fc from 'fast-check';
import { selectWindow, TOKENS_PER_MESSAGE } from './select-window.ts';

const turn = (position: number, promptTokens: number, output: number): TurnRecord<'opened'> => ({
  turnId: `turn-${position}`,
  sessionId: 'session',
  position,
  status: 'completed',
  scenarioId: 'tavern',
  scenarioVersion: 1,
  speaker: { kind: 'game' },
  prompt: 'Hello?',
  promptTokens,
  reply: 'Who asks?',
  usage: { input: 900, cached: 0, output, reasoning: 0, source: 'reported' },
  attempts: 1,
  deadlineMs: 30_000,
  requestedAt: '2026-01-01T00:00:00.000Z',
  requestedRevision: position,
  revision: position,
});

const positions = (turns: readonly TurnRecord<'opened'>[]) => turns.map(({ position }) => position);
const overhead = 2 * TOKENS_PER_MESSAGE;

describe('selectWindow', () => {
  test('takes the newest that fit, in their order', () => {
    const turns = [1, 2, 3].map((position) => turn(position, 10, 20));
    const { history, tokens } = selectWindow(turns, 2 * (30 + overhead));
    expect(positions(history)).toEqual([2, 3]);
    expect(tokens).toBe(2 * (30 + overhead));
  });

  test('none is taken that is older than one that did not fit', () => {
    expect(positions(selectWindow([turn(1, 1, 1), turn(2, 500, 500), turn(3, 1, 1)], 100).history)).toEqual([3]);
  });

  test('a budget that is used up already leaves no history', () => {
    expect(selectWindow([turn(1, 1, 1)], -50)).toEqual({ history: [], tokens: 0 });
  });

  test('thinking that was paid for is not sent again', () => {
    const thoughtful = {
      ...turn(1, 10, 500),
      usage: { input: 0, cached: 0, output: 500, reasoning: 480, source: 'reported' } as const,
    };
    expect(selectWindow([thoughtful], 1_000).tokens).toBe(30 + overhead);
  });

  test('a line that nobody counted costs a quarter of its letters', () => {
    const { usage: _none, reply: _neither, ...rest } = turn(1, 10, 0);
    const spoken = { ...rest, status: 'failed', fallback: 'x'.repeat(40) } as const;
    expect(selectWindow([spoken], 1_000).tokens).toBe(10 + 10 + overhead);
  });

  test('a turn that does not enter a prompt costs nothing', () => {
    const { reply: _none, ...rest } = turn(1, 10, 20);
    expect(selectWindow([{ ...rest, status: 'failed' }], 0).tokens).toBe(0);
  });

  test('never costs more than the budget, and is always an unbroken end of the turns', () => {
    const sizes = fc.array(fc.tuple(fc.nat(200), fc.nat(200)), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: -100, max: 5_000 }), (all, budget) => {
        const turns = all.map(([prompt, output], index) => turn(index + 1, prompt, output));
        const { history, tokens } = selectWindow(turns, budget);
        expect(tokens).toBeLessThanOrEqual(Math.max(0, budget));
        expect(positions(history)).toEqual(positions(turns.slice(turns.length - history.length)));
      }),
    );
  });
});
