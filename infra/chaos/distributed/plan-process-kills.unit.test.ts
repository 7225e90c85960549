import { expect, test } from '@jest/globals';
import { randomSource } from '../random-source.ts';
import { killPoints } from './kill-points.ts';
import { planProcessKills } from './plan-process-kills.ts';

test('the fourteen points of the table are there, in its order', () => {
  expect(killPoints.map(({ name }) => name)).toEqual(Array.from({ length: 14 }, (_, index) => `K${index + 1}`));
});

test('each point is planned as often as asked, and each of its places', () => {
  const plan = planProcessKills(3, randomSource(1));
  for (const { name, places } of killPoints) {
    const ours = plan.filter(({ point }) => point.name === name);
    expect(ours).toHaveLength(3);
    expect(new Set(ours.map(({ place }) => place)).size).toBe(places.length);
  }
});

test('about one in three takes along a process that is not the one that dies at the point', () => {
  const plan = planProcessKills(20, randomSource(2));
  const along = plan.flatMap(({ point, second }) => (second ? [[point.process, second.process]] : []));
  expect(along.length).toBeGreaterThan(plan.length / 4);
  expect(along.length).toBeLessThan(plan.length / 2);
  expect(along.filter(([one, other]) => one === other)).toEqual([]);
});

test('a seed gives the same plan again, another seed another', () => {
  expect(planProcessKills(5, randomSource(7))).toEqual(planProcessKills(5, randomSource(7)));
  expect(planProcessKills(5, randomSource(7))).not.toEqual(planProcessKills(5, randomSource(8)));
});
