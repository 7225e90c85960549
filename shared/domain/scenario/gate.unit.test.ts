import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds } from '../../testing/sample-commands.ts';
import { sampleComparison, sampleFigures, sampleRerunRequested } from '../../testing/sample-reruns.ts';
import {
  sampleConfigure,
  sampleConfigured,
  sampleGate,
  sampleGateClosed,
  sampleGateOpened,
  samplePromoted,
} from '../../testing/sample-scenario.ts';
import { evolveRerun, initialRerun, type RerunComparison } from '../rerun/state.ts';
import { summariseRerun } from '../rerun/summarise-rerun.ts';
import { configureScenario } from './configure-scenario.ts';
import type { GateThresholds, ScenarioEvent } from './events.ts';
import { closeGate, missedThresholds, openGate, openGateOf } from './gate.ts';
import { evolveScenario, initialScenario } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialScenario, evolve: evolveScenario });
const { parent: otherRerun } = sampleIds;
const scenario: readonly ScenarioEvent[] = [sampleConfigured(), samplePromoted(), sampleConfigured(2)];
const open = [...scenario, sampleGateOpened()];
const retired: ScenarioEvent = { type: 'ScenarioRetired', data: { version: 1 } };

describe('openGate', () => {
  test('holds a version back until its re-run has been judged', () => {
    given(...scenario)
      .when(openGate, sampleGate())
      .thenAppends(sampleGateOpened());
    const state = stateAfter(...open);
    expect(openGateOf(state)).toMatchObject({ version: 2, rerunId: sampleIds.rerun });
    expect(state.promotedVersion).toBe(1);
  });

  test('the same request again changes nothing, also once the gate is closed', () => {
    given(...open)
      .when(openGate, sampleGate())
      .thenUnchanged();
    given(...open, sampleGateClosed(), samplePromoted(2))
      .when(openGate, sampleGate())
      .thenUnchanged();
  });

  test('another request for the same re-run is refused', () => {
    for (const changes of [
      { version: 1 },
      { thresholds: {} },
      { thresholds: { maxFailedRate: 0.1, minSimilarity: 0 } },
    ])
      given(...open)
        .when(openGate, sampleGate(changes))
        .thenRefused('idempotency_key_reused');
  });

  test('is refused while another one is open, and not any more once that is closed', () => {
    const second = sampleGate({ rerunId: otherRerun });
    given(...open)
      .when(openGate, second)
      .thenRefused('gate_open');
    given(...open, sampleGateClosed({ outcome: 'failed' }))
      .when(openGate, second)
      .thenAppends(sampleGateOpened({ rerunId: otherRerun }));
  });

  test('takes the place of one whose re-run was never recorded', () => {
    given(...open)
      .when(openGate, sampleGate({ rerunId: otherRerun, abandonedRerunId: sampleIds.rerun }))
      .thenAppends(sampleGateClosed({ outcome: 'abandoned' }), sampleGateOpened({ rerunId: otherRerun }));
    given(...open)
      .when(openGate, sampleGate({ rerunId: otherRerun, abandonedRerunId: sampleIds.parentTurn }))
      .thenRefused('gate_open');
  });

  test('whose place was taken waits for it like any other, and is open again once it is asked for then', () => {
    const replaced = [...open, sampleGateClosed({ outcome: 'abandoned' }), sampleGateOpened({ rerunId: otherRerun })];
    given(...replaced)
      .when(openGate, sampleGate())
      .thenRefused('gate_open');
    const over = [...replaced, sampleGateClosed({ rerunId: otherRerun, outcome: 'incomplete' })];
    given(...over)
      .when(openGate, sampleGate())
      .thenAppends(sampleGateOpened());
    const { gates } = stateAfter(...over, sampleGateOpened());
    expect(gates.map(({ rerunId, outcome }) => [rerunId, outcome])).toEqual([
      [otherRerun, 'incomplete'],
      [sampleIds.rerun, undefined],
    ]);
  });

  test('is refused for the version that new sessions take, for one that is not there, and for a retired scenario', () => {
    given(...scenario)
      .when(openGate, sampleGate({ version: 1 }))
      .thenRefused('version_promoted');
    given(...scenario)
      .when(openGate, sampleGate({ version: 3 }))
      .thenRefused('scenario_not_found');
    given().when(openGate, sampleGate()).thenRefused('scenario_not_found');
    given(...scenario, retired)
      .when(openGate, sampleGate())
      .thenRefused('scenario_retired');
  });
});

const summaryOf = (...comparisons: readonly RerunComparison[]) =>
  summariseRerun(
    [sampleRerunRequested(), ...comparisons.map((one) => ({ type: 'RerunTurnCompared', data: one }) as const)].reduce(
      evolveRerun,
      initialRerun,
    ),
  );
const good = summaryOf(sampleComparison());
const bad = summaryOf(sampleComparison({ outcome: 'failed', similarity: 0.25 }));
const over = { rerunId: sampleIds.rerun, outcome: 'completed', summary: good } as const;
const missed = [
  { threshold: 'maxFailedRate', limit: 0.1, measured: 1 },
  { threshold: 'minSimilarity', limit: 0.5, measured: 0.25 },
] as const;

describe('closeGate', () => {
  test('promotes the version where every threshold is met', () => {
    given(...open)
      .when(closeGate, over)
      .thenAppends(sampleGateClosed(), samplePromoted(2));
    const state = stateAfter(...open, sampleGateClosed(), samplePromoted(2));
    expect(openGateOf(state)).toBeUndefined();
    expect(state).toMatchObject({ promotedVersion: 2, gates: [{ outcome: 'passed', missed: [] }] });
  });

  test('says what was missed, with what was measured, and promotes nothing', () => {
    given(...open)
      .when(closeGate, { ...over, summary: bad })
      .thenAppends(sampleGateClosed({ outcome: 'failed', missed }));
  });

  test.each(['cancelled', 'spend_cap_reached', 'failed'] as const)(
    'is incomplete, whatever was met, where the re-run ended as %s',
    (outcome) => {
      given(...open)
        .when(closeGate, { ...over, outcome })
        .thenAppends(sampleGateClosed({ outcome: 'incomplete' }));
      given(...open)
        .when(closeGate, { ...over, outcome, summary: bad })
        .thenAppends(sampleGateClosed({ outcome: 'incomplete', missed }));
    },
  );

  test('promotes nothing of a scenario that was retired meanwhile, and does not call it failed', () => {
    given(...open, retired)
      .when(closeGate, over)
      .thenAppends(sampleGateClosed({ outcome: 'incomplete' }));
    given(...open, retired)
      .when(closeGate, { ...over, summary: bad })
      .thenAppends(sampleGateClosed({ outcome: 'failed', missed }));
  });

  test('leaves a gate of another re-run, and one that is closed, as it is', () => {
    given(...open)
      .when(closeGate, { ...over, rerunId: otherRerun })
      .thenUnchanged();
    given(...open, sampleGateClosed(), samplePromoted(2))
      .when(closeGate, over)
      .thenUnchanged();
    given(...scenario)
      .when(closeGate, over)
      .thenUnchanged();
  });
});

describe('a threshold', () => {
  const figures = sampleFigures({ move: 'unjudged' });
  const moved = (changes: Partial<RerunComparison>, index = 0) =>
    sampleComparison({ turnId: `turn-${index}`, recorded: figures, repeated: figures, ...changes });
  /** Of four turns: one failed, two came apart by their text, one move of three was not valid, and money and time grew by a half. */
  const summary = summaryOf(
    ...[
      { isSameText: true, similarity: 1, repeated: { ...figures, costMicroUsd: 200, durationMs: 1_600 } },
      { isSameText: true, similarity: 1, repeated: { ...figures, costMicroUsd: 200, durationMs: 1_600 } },
      { similarity: 0.25, repeated: { ...figures, move: 'invalid' as const } },
      { outcome: 'failed' as const, similarity: 0.75, repeated: { ...figures, move: 'none' as const } },
    ].map(moved),
  );

  test.each<[keyof GateThresholds, number, number, number]>([
    ['minTurns', 4, 5, 4],
    ['maxFailedRate', 0.25, 0.2, 0.25],
    ['maxDivergedRate', 0.5, 0.49, 0.5],
    ['maxIllegalMoveRate', 0.34, 0.33, 1 / 3],
    ['minSimilarity', 0.75, 0.76, 0.75],
    ['maxCostRatio', 1.5, 1.49, 1.5],
    ['maxLatencyRatio', 1.5, 1.49, 1.5],
  ])('%s is met at %d and missed at %d', (threshold, met, limit, measured) => {
    expect(missedThresholds(summary, { [threshold]: met })).toEqual([]);
    expect(missedThresholds(summary, { [threshold]: limit })).toEqual([{ threshold, limit, measured }]);
  });

  test('is met at equality, though a quotient of binary numbers comes out a hair beside it', () => {
    // 2.4 / 3 is 0.7999999999999999, and 2.1 / 1.4 is 1.5000000000000002.
    const alike = summaryOf(...[0, 1, 2].map((index) => moved({ similarity: 0.8 }, index)));
    expect(missedThresholds(alike, { minSimilarity: 0.8 })).toEqual([]);
    const slower = { recorded: { ...figures, durationMs: 1.4 }, repeated: { ...figures, durationMs: 2.1 } };
    expect(missedThresholds(summaryOf(moved(slower)), { maxLatencyRatio: 1.5 })).toEqual([]);
  });

  test.each([
    ['maxIllegalMoveRate', 1],
    ['minSimilarity', 0],
    ['maxCostRatio', 1_000],
    ['maxLatencyRatio', 1_000],
  ] as const)('%s is missed where nothing could be measured', (threshold, limit) => {
    const bare = { status: 'completed', move: 'none', attempts: 1 } as const;
    const { similarity: _none, ...unmeasured } = sampleComparison({ recorded: bare, repeated: bare });
    expect(missedThresholds(summaryOf(unmeasured), { [threshold]: limit })).toEqual([{ threshold, limit }]);
  });

  test.each(['maxCostRatio', 'maxLatencyRatio'] as const)('%s is 1 where every reply was reused', (threshold) => {
    const summary = summaryOf(sampleComparison({ outcome: 'reused', repeated: { ...figures, attempts: 0 } }));
    expect(missedThresholds(summary, { [threshold]: 1 })).toEqual([]);
    expect(missedThresholds(summary, { [threshold]: 0.9 })).toEqual([{ threshold, limit: 0.9, measured: 1 }]);
  });

  test('maxCostRatio is 1 where both models are free, and missed where the new one alone is not', () => {
    const free = sampleFigures({ costMicroUsd: 0 });
    const costs = (repeated: typeof free) => summaryOf(sampleComparison({ recorded: free, repeated }));
    expect(missedThresholds(costs(free), { maxCostRatio: 1 })).toEqual([]);
    expect(missedThresholds(costs(sampleFigures()), { maxCostRatio: 1_000 })).toEqual([
      { threshold: 'maxCostRatio', limit: 1_000 },
    ]);
  });

  test.each(['maxFailedRate', 'maxDivergedRate'] as const)('%s is missed where no turn was compared', (threshold) => {
    expect(missedThresholds(summaryOf(), { [threshold]: 1 })).toEqual([{ threshold, limit: 1 }]);
  });

  test('that is not given is met', () => {
    expect(missedThresholds(summaryOf(), {})).toEqual([]);
  });
});

describe('configureScenario, while a gate is open', () => {
  const third = sampleConfigure({ configHash: 'hash-3' });

  test('promotes nothing: neither a new version, nor the one that is held back', () => {
    for (const command of [third, sampleConfigure({ configHash: 'hash-2' })])
      given(...open)
        .when(configureScenario, command)
        .thenRefused('gate_open');
  });

  test('takes a version that is not to be published', () => {
    given(...open)
      .when(configureScenario, { ...third, publish: false })
      .thenAppends(sampleConfigured(3));
  });

  test('leaves unchanged what is done already', () => {
    given(...open)
      .when(configureScenario, sampleConfigure({ configHash: 'hash-2', publish: false }))
      .thenUnchanged();
  });

  test('promotes again once it is closed', () => {
    given(...open, sampleGateClosed({ outcome: 'failed' }))
      .when(configureScenario, third)
      .thenAppends(sampleConfigured(3), samplePromoted(3));
  });
});
