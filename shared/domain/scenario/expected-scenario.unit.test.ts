import { describe, expect, test } from '@jest/globals';
import { sampleConfigured, samplePromoted } from '../../testing/sample-scenario.ts';
import { type ExpectedScenario, scenarioHolds, versionExpected } from './expected-scenario.ts';
import { evolveScenario, initialScenario } from './state.ts';

/** Version 2 is there and not promoted: revision 2. */
const scenario = [sampleConfigured(), samplePromoted(), sampleConfigured(2)].reduce(evolveScenario, initialScenario);

describe('scenarioHolds', () => {
  test.each<[ExpectedScenario | undefined, boolean]>([
    [undefined, true],
    ['any', true],
    [2, true],
    [1, false],
    [{ version: 2, revision: 2 }, true],
    [{ version: 2, revision: 1 }, false],
    [{ version: 1, revision: 2 }, false],
  ])('%j: %s', (expected, holds) => {
    expect(scenarioHolds(expected, scenario)).toBe(holds);
  });

  test.each<ExpectedScenario>(['any', 0, 1, { version: 1, revision: 0 }])(
    'nothing that is not there is as it was read: %j',
    (expected) => {
      expect(scenarioHolds(expected, initialScenario)).toBe(false);
    },
  );

  test('a promotion since leaves the version as it was, and not the whole', () => {
    const promoted = evolveScenario(scenario, samplePromoted(2));
    expect(scenarioHolds(2, promoted)).toBe(true);
    expect(scenarioHolds({ version: 2, revision: 2 }, promoted)).toBe(false);
  });
});

test('the version that a guard names', () => {
  expect([undefined, 'any' as const, 3, { version: 4, revision: 9 }].map(versionExpected)).toEqual([
    undefined,
    undefined,
    3,
    4,
  ]);
});
