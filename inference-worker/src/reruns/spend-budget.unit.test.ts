import { expect, test } from '@jest/globals';
import { SpendBudget } from './spend-budget.ts';

test('holds as much as is left, and no more', () => {
  const budget = new SpendBudget(100, 30);
  expect([budget.tryHold('one', 40), budget.tryHold('two', 31), budget.tryHold('three', 30)]).toEqual([
    true,
    false,
    true,
  ]);
});

test('a turn that has ended frees what was held for it beyond its cost', () => {
  const budget = new SpendBudget(100, 0);
  budget.tryHold('one', 90);
  budget.settle('one', 20);
  expect(budget.tryHold('two', 80)).toBe(true);
  expect(budget.tryHold('three', 1)).toBe(false);
});

test('a further attempt holds on top of the one before, whose cost is not known yet', () => {
  const budget = new SpendBudget(100, 0);
  expect([budget.tryHold('one', 50), budget.tryHold('one', 50), budget.tryHold('one', 1)]).toEqual([true, true, false]);
});

test('who waits is told when a turn has ended', async () => {
  const budget = new SpendBudget(100, 0);
  budget.tryHold('one', 100);
  const freed = budget.freed();
  budget.settle('one', 0);
  expect(await freed).toBe(true);
});

test('nobody waits for turns that wait themselves: all are told that there is no more', async () => {
  const budget = new SpendBudget(100, 0);
  budget.tryHold('one', 60);
  budget.tryHold('two', 40);
  budget.tryHold('one', 1);
  const first = budget.freed();
  budget.tryHold('two', 1);
  expect(await Promise.all([first, budget.freed()])).toEqual([false, false]);
});

test('without a cap everything is affordable', () => {
  const budget = new SpendBudget(undefined, 5);
  expect([budget.isCapped, budget.tryHold('one', Number.MAX_SAFE_INTEGER)]).toEqual([false, true]);
});
