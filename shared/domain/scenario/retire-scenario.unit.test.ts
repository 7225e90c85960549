import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleConfigure, sampleConfigured, samplePromoted } from '../../testing/sample-scenario.ts';
import { configureScenario } from './configure-scenario.ts';
import type { ScenarioEvent } from './events.ts';
import { retireScenario } from './retire-scenario.ts';
import { evolveScenario, initialScenario } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialScenario, evolve: evolveScenario });
const first = [sampleConfigured(), samplePromoted()];
const retired: ScenarioEvent = { type: 'ScenarioRetired', data: { version: 1 } };

describe('retireScenario', () => {
  test('names what new sessions took until then, published or not what came after', () => {
    given(...first, sampleConfigured(2))
      .when(retireScenario, { reason: 'the season is over' })
      .thenAppends({ type: 'ScenarioRetired', data: { version: 1, reason: 'the season is over' } });
  });

  test('needs no reason', () => {
    given(...first)
      .when(retireScenario, {})
      .thenAppends(retired);
  });

  test('a retired one stays as it is, whatever version the caller had seen', () => {
    given(...first, retired)
      .when(retireScenario, { reason: 'again', expected: 7 })
      .thenUnchanged();
  });

  test('an unknown one is not found', () => {
    given().when(retireScenario, {}).thenRefused('scenario_not_found');
  });

  test('a guard on the version is held', () => {
    given(...first)
      .when(retireScenario, { expected: 2 })
      .thenRefused('scenario_version_mismatch');
    given(...first)
      .when(retireScenario, { expected: 1 })
      .thenAppends(retired);
  });

  test('keeps the versions for the sessions that play them, and takes no new one', () => {
    expect(stateAfter(...first, retired)).toMatchObject({ isRetired: true, promotedVersion: 1 });
    given(...first, retired)
      .when(configureScenario, sampleConfigure({ configHash: 'hash-2' }))
      .thenRefused('scenario_retired');
    given(...first, retired)
      .when(configureScenario, sampleConfigure())
      .thenRefused('scenario_retired');
  });
});
