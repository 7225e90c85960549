import { expect, test } from '@jest/globals';
import { failpoints } from './failpoints.ts';
import { planKills } from './kill-schedule.ts';
import { randomSource } from './random-source.ts';

const namesIn = (kills: number, seed: number) =>
  planKills(kills, randomSource(seed)).flatMap(({ armed }) => (armed ? [armed.name] : []));

test('half of the kills are at failpoints, half at random moments', () => {
  expect(planKills(10, randomSource(1))).toHaveLength(10);
  expect(namesIn(10, 1)).toHaveLength(5);
});

test.each([32, 60])('%i kills plan each failpoint at least once', (kills) => {
  for (let seed = 0; seed < 20; seed += 1) expect(new Set(namesIn(kills, seed)).size).toBe(failpoints.length);
});

test('a seed gives the same plan again, another seed another', () => {
  expect(planKills(60, randomSource(7))).toEqual(planKills(60, randomSource(7)));
  expect(planKills(60, randomSource(7))).not.toEqual(planKills(60, randomSource(8)));
});

test('PostgreSQL dies with some of them, and lives on with others', () => {
  const both = new Set(planKills(60, randomSource(3)).map(({ withPostgres }) => withPostgres));
  expect(both.size).toBe(2);
});
