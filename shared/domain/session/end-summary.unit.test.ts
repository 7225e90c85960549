import { describe, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds, sampleSummary, sampleSummaryFailure } from '../../testing/sample-commands.ts';
import {
  sampleClaimed,
  sampleCompleted,
  sampleRequested,
  sampleRewound,
  sampleStarted,
  sampleSummarised,
  sampleSummaryFailed,
  sampleSummaryStarted,
} from '../../testing/sample-events.ts';
import { completeSummary, failSummary } from './end-summary.ts';
import { evolveSession } from './evolve-session.ts';
import { initialSession } from './state.ts';

const { given } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { nextTurn, nextCall } = sampleIds;
const claimed = [
  sampleStarted(),
  sampleRequested(),
  sampleClaimed(),
  sampleCompleted(),
  sampleSummaryStarted(),
] as const;
const lost = [...claimed, sampleSummaryFailed({ code: 'worker_lost' })] as const;

describe('completeSummary', () => {
  test('records the text and what it cost, also while a turn is open', () => {
    given(...claimed)
      .when(completeSummary, sampleSummary())
      .thenAppends(sampleSummarised());
    given(...claimed, sampleRequested({ turnId: nextTurn, position: 2 }))
      .when(completeSummary, sampleSummary())
      .thenAppends(sampleSummarised());
  });

  test('records what it cost alone once a rewind has cut a turn of it, also where another stands there now', () => {
    const cut = sampleSummaryFailed({ code: 'turn_rewound' });
    given(...claimed, sampleRewound())
      .when(completeSummary, sampleSummary())
      .thenAppends(cut);
    given(...claimed, sampleRewound(), sampleRequested({ turnId: nextTurn }))
      .when(completeSummary, sampleSummary())
      .thenAppends(cut);
  });

  test('records what it cost alone, once, when its worker was given up', () => {
    const late = sampleSummaryFailed({ code: 'summary_late' });
    given(...lost)
      .when(completeSummary, sampleSummary())
      .thenAppends(late);
    given(...lost, late)
      .when(completeSummary, sampleSummary())
      .thenRefused('summary_superseded');
  });

  test('is refused for a call that nobody claimed, and for one that has its account', () => {
    given(...claimed)
      .when(completeSummary, sampleSummary({ callId: nextCall }))
      .thenRefused('summary_superseded');
    given(...claimed, sampleSummarised())
      .when(completeSummary, sampleSummary())
      .thenRefused('summary_superseded');
  });
});

describe('failSummary', () => {
  test('records why, and what it cost', () => {
    given(...claimed)
      .when(failSummary, sampleSummaryFailure({ providerStatus: 529 }))
      .thenAppends(sampleSummaryFailed({ providerStatus: 529 }));
  });

  test('is refused for what has come to an end', () => {
    given(...claimed, sampleSummaryFailed())
      .when(failSummary, sampleSummaryFailure())
      .thenRefused('summary_superseded');
  });
});
