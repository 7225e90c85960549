import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleConfig, sampleConfigure, sampleConfigured, samplePromoted } from '../../testing/sample-scenario.ts';
import { configureScenario } from './configure-scenario.ts';
import { evolveScenario, initialScenario, scenarioVersion } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialScenario, evolve: evolveScenario });
const first = [sampleConfigured(), samplePromoted()];
const second = sampleConfigure({ configHash: 'hash-2' });

describe('configureScenario', () => {
  test('the first version is configured and promoted', () => {
    given().when(configureScenario, sampleConfigure()).thenAppends(sampleConfigured(), samplePromoted());
  });

  test('the first version is promoted even when nobody asked for it', () => {
    given()
      .when(configureScenario, sampleConfigure({ publish: false }))
      .thenAppends(sampleConfigured(), samplePromoted());
  });

  test('the event holds the whole configuration and the note', () => {
    const config = sampleConfig('Sleep under the bridge.');
    given(...first)
      .when(configureScenario, { ...second, config, note: 'sleepier' })
      .thenAppends(sampleConfigured(2, { ...config, note: 'sleepier' }), samplePromoted(2));
  });

  test('a further version is promoted at once', () => {
    given(...first)
      .when(configureScenario, second)
      .thenAppends(sampleConfigured(2), samplePromoted(2));
  });

  test('a further version that is not to be published is not promoted', () => {
    given(...first)
      .when(configureScenario, { ...second, publish: false })
      .thenAppends(sampleConfigured(2));
  });

  test("the newest version's content again changes nothing", () => {
    given(...first)
      .when(configureScenario, sampleConfigure())
      .thenUnchanged();
    given(...first)
      .when(configureScenario, sampleConfigure({ publish: false }))
      .thenUnchanged();
  });

  test('the content of an unpublished newest version, published, is promoted without a new version', () => {
    given(...first, sampleConfigured(2))
      .when(configureScenario, second)
      .thenAppends(samplePromoted(2));
  });

  test('the content of an older version is a new version', () => {
    given(...first, sampleConfigured(2), samplePromoted(2))
      .when(configureScenario, sampleConfigure())
      .thenAppends(sampleConfigured(3, { configHash: 'hash-1' }), samplePromoted(3));
  });

  test('a version guard that holds lets the change through', () => {
    given(...first)
      .when(configureScenario, { ...second, expected: 1 })
      .thenAppends(sampleConfigured(2), samplePromoted(2));
    given()
      .when(configureScenario, sampleConfigure({ expected: 0 }))
      .thenAppends(sampleConfigured(), samplePromoted());
  });

  test('a version guard counts configured versions, promoted or not', () => {
    given(...first, sampleConfigured(2))
      .when(configureScenario, sampleConfigure({ configHash: 'hash-3', expected: 2 }))
      .thenAppends(sampleConfigured(3), samplePromoted(3));
  });

  test('a version guard that does not hold refuses, also for the same content', () => {
    const refuse = 'scenario_version_mismatch';
    given(...first)
      .when(configureScenario, { ...second, expected: 0 })
      .thenRefused(refuse);
    given(...first)
      .when(configureScenario, { ...second, expected: 2 })
      .thenRefused(refuse);
    given(...first, sampleConfigured(2), samplePromoted(2))
      .when(configureScenario, { ...second, expected: 0 })
      .thenRefused(refuse);
  });

  test('a guard on the whole as it was read holds until anything changes', () => {
    given(...first)
      .when(configureScenario, { ...second, expected: { version: 1, revision: 1 } })
      .thenAppends(sampleConfigured(2), samplePromoted(2));
    given(...first, sampleConfigured(2), samplePromoted(2))
      .when(configureScenario, sampleConfigure({ configHash: 'hash-3', expected: { version: 2, revision: 2 } }))
      .thenRefused('scenario_version_mismatch');
  });

  test.each([1, { version: 1, revision: 1 }])(
    'a guarded request whose answer was lost finds that it has succeeded: %j',
    (expected) => {
      given(...first, sampleConfigured(2), samplePromoted(2))
        .when(configureScenario, { ...second, expected })
        .thenUnchanged();
    },
  );

  test('a guarded promotion whose answer was lost finds that it has succeeded', () => {
    given(...first, sampleConfigured(2), samplePromoted(2))
      .when(configureScenario, { ...second, expected: { version: 2, revision: 2 } })
      .thenUnchanged();
  });
});

describe('configureScenario under a key', () => {
  const request = { keyHash: 'key-1', bodyHash: 'body-1' };
  const third = sampleConfigure({ configHash: 'hash-3', request });
  const made = [...first, sampleConfigured(2, { request }), samplePromoted(2)];

  test('the version remembers what was asked', () => {
    given(...first)
      .when(configureScenario, { ...second, request })
      .thenAppends(sampleConfigured(2, { request }), samplePromoted(2));
  });

  test('the same key and body is the version it made, also behind newer ones and whatever the merge gives now', () => {
    given(...made)
      .when(configureScenario, third)
      .thenUnchanged();
    given(...made, sampleConfigured(3), samplePromoted(3))
      .when(configureScenario, { ...third, expected: 1 })
      .thenUnchanged();
  });

  test('the same key with another body is refused', () => {
    given(...made)
      .when(configureScenario, { ...third, request: { ...request, bodyHash: 'body-2' } })
      .thenRefused('idempotency_key_reused');
  });

  test('another key makes another version', () => {
    const other = { keyHash: 'key-2', bodyHash: 'body-1' };
    given(...made)
      .when(configureScenario, { ...third, request: other })
      .thenAppends(sampleConfigured(3, { request: other }), samplePromoted(3));
  });

  test('a key keeps its answer when the scenario has been retired', () => {
    given(...made, { type: 'ScenarioRetired', data: { version: 2 } } as const)
      .when(configureScenario, third)
      .thenUnchanged();
  });
});

describe('configureScenario guarded by *', () => {
  test('holds for a scenario that is there, and for no other', () => {
    given(...first)
      .when(configureScenario, { ...second, expected: 'any' })
      .thenAppends(sampleConfigured(2), samplePromoted(2));
    given()
      .when(configureScenario, sampleConfigure({ expected: 'any' }))
      .thenRefused('scenario_version_mismatch');
  });
});

describe('scenarioVersion', () => {
  const state = stateAfter(...first, sampleConfigured(2));

  test('gives any version, promoted or not', () => {
    expect(scenarioVersion(state, 1)).toEqual(sampleConfigured(1).data);
    expect(scenarioVersion(state, 2)).toEqual(sampleConfigured(2).data);
    expect(state).toMatchObject({ promotedVersion: 1, revision: 2 });
  });

  test('gives undefined for a version that is not there', () => {
    expect(scenarioVersion(state, 0)).toBeUndefined();
    expect(scenarioVersion(state, 3)).toBeUndefined();
  });
});
