import { describe, expect, test } from '@jest/globals';
import type { ModelChoice, ScenarioConfig, ScenarioVersion } from '@turnledger/shared/domain';
import { sampleConfigured } from '@turnledger/shared/testing';
import { chooseModel, firstWithinReach, isNextUntried, withinReach } from './choose-model.ts';

const choice = (name: string, weight = 1): ModelChoice => ({ name, endpoint: 'main', weight, stop: [] });

const scenarioOf = (strategy: ScenarioConfig['strategy'], ...models: readonly ModelChoice[]): ScenarioVersion =>
  sampleConfigured(1, { strategy, models }).data;

const turnId = (index: number) => `0198c0de-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;

describe('chooseModel', () => {
  test('single takes the first, whatever the attempt', () => {
    const scenario = scenarioOf('single', choice('one'), choice('two'));
    expect([1, 2, 3].map((attempt) => chooseModel(scenario, turnId(1), attempt).name)).toEqual(['one', 'one', 'one']);
  });

  test('fallback goes down the list, an attempt each, and around', () => {
    const scenario = scenarioOf('fallback', choice('one'), choice('two'), choice('three'));
    expect([1, 2, 3, 4].map((attempt) => chooseModel(scenario, turnId(1), attempt).name)).toEqual([
      'one',
      'two',
      'three',
      'one',
    ]);
  });

  test('weighted draws the same for the same turn and attempt', () => {
    const scenario = scenarioOf('weighted', choice('one', 2), choice('two', 1));
    for (let index = 0; index < 50; index += 1) {
      expect(chooseModel(scenario, turnId(index), 1)).toEqual(chooseModel(scenario, turnId(index), 1));
    }
  });

  test('weighted is SHA-256 of turn and attempt over the weights, so that a stored turn draws today what it drew then', () => {
    const scenario = scenarioOf('weighted', choice('one', 2), choice('two', 1));
    // First four bytes of sha256('0198c0de-0000-7000-8000-00000000000N:1') / 2^32 * 3 < 2: computed apart from this code.
    expect([0, 1, 2, 3, 4, 5].map((index) => chooseModel(scenario, turnId(index), 1).name)).toEqual([
      'two',
      'one',
      'one',
      'one',
      'one',
      'one',
    ]);
  });

  test('weighted comes near its weights, and leaves a weight of 0 out', () => {
    const scenario = scenarioOf('weighted', choice('never', 0), choice('often', 3), choice('seldom', 1));
    const drawn = Array.from({ length: 4_000 }, (_, index) => chooseModel(scenario, turnId(index), 1).name);
    const share = (name: string) => drawn.filter((one) => one === name).length / drawn.length;
    expect(share('never')).toBe(0);
    // Three standard deviations of a share of 0.75 in 4,000 draws are 0.021.
    expect(Math.abs(share('often') - 0.75)).toBeLessThan(0.021);
  });

  test('another attempt is another draw', () => {
    const scenario = scenarioOf('weighted', choice('one'), choice('two'));
    const differ = Array.from({ length: 100 }, (_, index) => index).filter(
      (index) => chooseModel(scenario, turnId(index), 1).name !== chooseModel(scenario, turnId(index), 2).name,
    );
    expect(differ.length).toBeGreaterThan(20);
  });

  test('weights that are all 0 give the first', () => {
    expect(chooseModel(scenarioOf('weighted', choice('one', 0), choice('two', 0)), turnId(1), 1).name).toBe('one');
  });

  test('a model that the request names wins over every strategy', () => {
    expect(chooseModel(scenarioOf('fallback', choice('one'), choice('two')), turnId(1), 1, 'two').name).toBe('two');
  });

  test('`default` that no choice names is the first choice’s endpoint and parameters under that name', () => {
    const first = { ...choice('one'), temperature: 0.4 };
    expect(chooseModel(scenarioOf('single', first), turnId(1), 1, 'default')).toEqual({ ...first, name: 'default' });
  });
});

describe('isNextUntried', () => {
  const at = (endpoint: string): ModelChoice => ({ ...choice('one'), endpoint });
  const falling = scenarioOf('fallback', at('first'), at('second'), at('first'), at('third'));

  test('goes down a fallback list to endpoints that were not asked', () => {
    expect([1, 2, 3, 4].map((attempt) => isNextUntried(falling, attempt))).toEqual([true, false, true, false]);
  });

  test('is never so for a model that the request names, nor for another strategy', () => {
    expect(isNextUntried(falling, 1, 'one')).toBe(false);
    expect(isNextUntried(scenarioOf('weighted', at('first'), at('second')), 1)).toBe(false);
    expect(isNextUntried(scenarioOf('single', at('first'), at('second')), 1)).toBe(false);
  });
});

describe('withinReach', () => {
  const at = (name: string, endpoint: string): ModelChoice => ({ ...choice(name), endpoint });
  const names = ({ models }: ScenarioVersion) => models.map(({ name }) => name);

  test('a fallback list goes on without an endpoint that was taken away', () => {
    const scenario = scenarioOf('fallback', at('one', 'gone'), at('two', 'main'));
    expect(names(withinReach(scenario, new Set(['main'])))).toEqual(['two']);
  });

  test('a list of which nothing is left stays, so that the failure names its endpoint', () => {
    const scenario = scenarioOf('fallback', at('one', 'gone'));
    expect(names(withinReach(scenario, new Set(['main'])))).toEqual(['one']);
  });

  test('a draw keeps its weights, wherever it is made', () => {
    const scenario = scenarioOf('weighted', at('one', 'gone'), at('two', 'main'));
    expect(names(withinReach(scenario, new Set(['main'])))).toEqual(['one', 'two']);
  });
});

describe('the model of a summary', () => {
  const elsewhere: ModelChoice = { ...choice('gone'), endpoint: 'gone' };

  test('is the first whose endpoint is there, whatever the strategy', () => {
    for (const strategy of ['single', 'fallback', 'weighted'] as const) {
      const scenario = scenarioOf(strategy, elsewhere, choice('one'), choice('two'));
      expect(firstWithinReach(scenario, new Set(['main']))?.name).toBe('one');
      expect(firstWithinReach(scenario, new Set(['other']))).toBeUndefined();
    }
  });

  test('is the one that is wanted by name, at its own endpoint or the first one’s', () => {
    const scenario = scenarioOf('single', choice('one'), { ...choice('two'), endpoint: 'side' }, elsewhere);
    const endpoints = new Set(['main', 'side']);
    expect(firstWithinReach(scenario, endpoints, 'two')).toMatchObject({ name: 'two', endpoint: 'side' });
    expect(firstWithinReach(scenario, endpoints, 'small')).toMatchObject({ name: 'small', endpoint: 'main' });
    expect(firstWithinReach(scenario, endpoints, 'gone')).toBeUndefined();
  });
});
