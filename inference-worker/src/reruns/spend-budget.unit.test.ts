import { expect, test } from '@jest/globals';
import { SpendBudget } from './spend-budget.ts';

test('holds as much as is left, and no more', () => {
  const budget = new SpendBudget(100, 30);
  expect([budget.tryHold('one', 0, 40), budget.tryHold('two', 0, 31), budget.tryHold('three', 0, 30)]).toEqual([
    true,
    false,
    true,
  ]);
});

test('a turn that has ended frees what was held for it beyond its cost', () => {
  const budget = new SpendBudget(100, 0);
  budget.tryHold('one', 0, 90);
  budget.settle('one', 20);
  expect(budget.tryHold('two', 0, 80)).toBe(true);
  expect(budget.tryHold('three', 0, 1)).toBe(false);
});

test('a further attempt holds on top of what the one before may have cost', () => {
  const budget = new SpendBudget(100, 0);
  expect([budget.tryHold('one', 0, 50), budget.tryHold('one', 50, 50), budget.tryHold('one', 51, 50)]).toEqual([
    true,
    true,
    false,
  ]);
});

test('the same attempt holds no more when it is tried again', () => {
  const budget = new SpendBudget(100, 0);
  expect([budget.tryHold('one', 0, 60), budget.tryHold('one', 0, 60), budget.tryHold('two', 0, 40)]).toEqual([
    true,
    true,
    true,
  ]);
});

test('a turn without money for another attempt keeps what it may have cost', () => {
  const budget = new SpendBudget(100, 0);
  budget.tryHold('one', 70, 40);
  expect([budget.tryHold('two', 0, 31), budget.tryHold('two', 0, 30)]).toEqual([false, true]);
});

test('what an earlier run has begun counts before it is taken up', () => {
  const budget = new SpendBudget(100, 0);
  budget.hold('one', 60);
  expect([budget.tryHold('two', 0, 41), budget.tryHold('one', 60, 40)]).toEqual([false, true]);
});

test('who waits is told when a turn has ended', async () => {
  const budget = new SpendBudget(100, 0);
  budget.tryHold('one', 0, 100);
  const freed = budget.freed();
  budget.settle('one', 0);
  expect(await freed).toBe(true);
});

test('nobody waits for turns that wait themselves: all are told that there is no more', async () => {
  const budget = new SpendBudget(100, 0);
  budget.tryHold('one', 0, 60);
  budget.tryHold('two', 0, 40);
  budget.tryHold('one', 60, 1);
  const first = budget.freed();
  budget.tryHold('two', 40, 1);
  expect(await Promise.all([first, budget.freed()])).toEqual([false, false]);
});

test('without a cap everything is affordable', () => {
  const budget = new SpendBudget(undefined, 5);
  expect([budget.isCapped, budget.tryHold('one', 0, Number.MAX_SAFE_INTEGER)]).toEqual([false, true]);
});
