import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds } from '../../testing/sample-commands.ts';
import {
  sampleCompared,
  sampleComparison,
  sampleRerunCancelled,
  sampleRerunFinished,
  sampleRerunRequest,
  sampleRerunRequested,
} from '../../testing/sample-reruns.ts';
import { cancelRerun, compareTurns, finishRerun, requestRerun } from './run-rerun.ts';
import { evolveRerun, initialRerun, isRunning, type RerunComparison } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialRerun, evolve: evolveRerun });
const { nextTurn } = sampleIds;
const requested = sampleRerunRequested();
const next = { turnId: nextTurn, position: 2 } as const;
const stopped = { by: 'operator' } as const;

describe('requestRerun', () => {
  test('records all that the re-run will do', () => {
    const whole = sampleRerunRequest({ gameId: 'chess', spendCapMicroUsd: 5_000, gateVersion: 2 });
    given().when(requestRerun, whole).thenAppends(sampleRerunRequested(whole));
    expect(stateAfter(requested)).toEqual({
      status: 'running',
      revision: 0,
      request: sampleRerunRequest(),
      comparisons: [],
    });
  });

  test('the same request again changes nothing, also once the re-run is over', () => {
    given(requested).when(requestRerun, sampleRerunRequest()).thenUnchanged();
    given(requested, sampleRerunFinished()).when(requestRerun, sampleRerunRequest()).thenUnchanged();
  });

  test('another request under its key is refused', () => {
    given(requested)
      .when(requestRerun, sampleRerunRequest({ bodyHash: 'another' }))
      .thenRefused('idempotency_key_reused');
  });
});

describe('compareTurns', () => {
  test('records what turns came to, in the order given', () => {
    given(requested)
      .when(compareTurns, [sampleComparison(next), sampleComparison()])
      .thenAppends(sampleCompared(next), sampleCompared());
  });

  test('leaves out what is compared already, whatever it came to this time', () => {
    given(requested, sampleCompared())
      .when(compareTurns, [sampleComparison({ outcome: 'failed' }), sampleComparison(next)])
      .thenAppends(sampleCompared(next));
    given(requested, sampleCompared()).when(compareTurns, [sampleComparison()]).thenUnchanged();
  });

  test('records a turn once that is given twice', () => {
    given(requested)
      .when(compareTurns, [sampleComparison(), sampleComparison({ outcome: 'failed' })])
      .thenAppends(sampleCompared());
  });

  test('takes what was under way when the re-run was cancelled, and nothing once it is over', () => {
    given(requested, sampleRerunCancelled()).when(compareTurns, [sampleComparison()]).thenAppends(sampleCompared());
    given(requested, sampleRerunFinished()).when(compareTurns, [sampleComparison()]).thenUnchanged();
  });

  test('of nothing, or of a re-run that is not there, records nothing', () => {
    given(requested).when(compareTurns, []).thenUnchanged();
    given().when(compareTurns, [sampleComparison()]).thenRefused('rerun_not_found');
  });

  test('comes to the same however the same comparisons are split, and however often they are given', () => {
    const comparisons = fc
      .array(fc.nat({ max: 12 }), { maxLength: 20 })
      .map((places) => places.map((place) => sampleComparison({ turnId: `turn-${place}`, position: place + 1 })));
    const record = (groups: readonly (readonly RerunComparison[])[]) =>
      groups.reduce((state, group) => {
        const decision = compareTurns(group, state);
        return decision.outcome === 'accepted' ? decision.events.reduce(evolveRerun, state) : state;
      }, stateAfter(requested)).comparisons;
    fc.assert(
      fc.property(comparisons, fc.nat({ max: 20 }), fc.nat({ max: 20 }), (all, first, second) => {
        const [low, high] = [Math.min(first, second), Math.max(first, second)];
        const split = [all.slice(0, low), all.slice(low, high), all.slice(high)];
        const once = record([all]);
        expect(new Set(once.map(({ turnId }) => turnId)).size).toBe(once.length);
        expect(record(split)).toEqual(once);
        expect(record([...split, ...split, all])).toEqual(once);
      }),
    );
  });
});

describe('cancelRerun', () => {
  test('stops a re-run that is under way, which runs until what is under way is over', () => {
    given(requested).when(cancelRerun, stopped).thenAppends(sampleRerunCancelled());
    const state = stateAfter(requested, sampleRerunCancelled());
    expect({ status: state.status, isRunning: isRunning(state) }).toEqual({ status: 'cancelling', isRunning: true });
  });

  test('leaves one that was stopped, or is over, as it is', () => {
    given(requested, sampleRerunCancelled()).when(cancelRerun, stopped).thenUnchanged();
    given(requested, sampleRerunFinished()).when(cancelRerun, stopped).thenUnchanged();
    given().when(cancelRerun, stopped).thenRefused('rerun_not_found');
  });
});

describe('finishRerun', () => {
  test.each(['completed', 'spend_cap_reached'] as const)('ends a re-run as %s', (outcome) => {
    given(requested).when(finishRerun, { outcome }).thenAppends(sampleRerunFinished({ outcome }));
    const state = stateAfter(requested, sampleRerunFinished({ outcome }));
    expect({ status: state.status, isRunning: isRunning(state) }).toEqual({ status: outcome, isRunning: false });
  });

  test('says why one failed as a whole', () => {
    const failed = { outcome: 'failed', code: 'model_unavailable' } as const;
    given(requested).when(finishRerun, failed).thenAppends(sampleRerunFinished(failed));
    expect(stateAfter(requested, sampleRerunFinished(failed))).toMatchObject({
      status: 'failed',
      code: 'model_unavailable',
    });
  });

  test('ends one as completed that has decided on a version before it was cancelled', () => {
    given(requested, sampleRerunCancelled())
      .when(finishRerun, { outcome: 'completed', isJudged: true })
      .thenAppends(sampleRerunFinished({ outcome: 'completed' }));
  });

  test('ends a cancelled one as that, whatever its runner says', () => {
    for (const outcome of ['completed', 'failed', 'spend_cap_reached'] as const)
      given(requested, sampleRerunCancelled())
        .when(finishRerun, { outcome, code: 'model_unavailable' })
        .thenAppends(sampleRerunFinished({ outcome: 'cancelled' }));
  });

  test('leaves one that is over as it is', () => {
    given(requested, sampleRerunFinished()).when(finishRerun, { outcome: 'failed' }).thenUnchanged();
    given().when(finishRerun, { outcome: 'completed' }).thenRefused('rerun_not_found');
  });
});
