import { describe, expect, test } from '@jest/globals';
import type { Model } from '@turnledger/shared/ports';
import { sampleConfigured } from '@turnledger/shared/testing';
import { chooseAgain } from './choose-call.ts';

const modelOf = (defaultModel: string, isScripted = false): Model => ({
  defaultModel,
  isScripted,
  async *reply() {},
});
const at = (model: Model) => new Map([['main', model]]);
const asked = { seed: 'turn', attempt: 1, wanted: undefined };

describe('a turn that is asked again of the model that its endpoint had by default', () => {
  const { data: scenario } = sampleConfigured();
  const recorded = { name: 'older', endpoint: 'main', scenarioVersion: scenario.version };

  test('is asked of that model in each attempt, though the endpoint has another by default now', () => {
    for (const attempt of [1, 2])
      expect(chooseAgain(at(modelOf('newer')), scenario, { ...asked, attempt, recorded })).toMatchObject({
        name: 'older',
      });
  });

  test('is asked of no script that answers there now', () => {
    expect(() => chooseAgain(at(modelOf('scripted', true)), scenario, { ...asked, recorded })).toThrow(
      expect.objectContaining({ code: 'model_unavailable' }),
    );
  });

  test('is asked of what the endpoint has now under another version of the scenario, or by its name', () => {
    const models = at(modelOf('newer'));
    const other = { ...scenario, version: scenario.version + 1 };
    expect(chooseAgain(models, other, { ...asked, recorded })).toMatchObject({ name: 'newer' });
    const model = { name: 'newer', endpoint: 'main' };
    expect(chooseAgain(models, scenario, { ...asked, recorded, model })).toMatchObject({ name: 'newer' });
  });

  test('goes down its list as it did', () => {
    const [first] = scenario.models;
    const models = [{ ...first, name: 'named', endpoint: 'main', weight: 1, stop: [] }, ...scenario.models];
    const list = { ...scenario, strategy: 'fallback' as const, models };
    const again = { ...asked, recorded: { ...recorded, name: 'named' } };
    expect(chooseAgain(at(modelOf('newer')), list, again)).toMatchObject({ name: 'named' });
    expect(chooseAgain(at(modelOf('newer')), list, { ...again, attempt: 2 })).toMatchObject({ name: 'newer' });
  });
});
