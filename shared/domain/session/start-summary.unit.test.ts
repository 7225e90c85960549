import { describe, expect, test } from '@jest/globals';
import { deciderSpecification } from '../../testing/decider-specification.ts';
import { sampleIds, samplePrompt, sampleRequest, sampleSummaryClaim } from '../../testing/sample-commands.ts';
import {
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleEnded,
  sampleRequested,
  sampleRewound,
  sampleStarted,
  sampleSummarised,
  sampleSummaryFailed,
  sampleSummaryStarted,
} from '../../testing/sample-events.ts';
import type { SessionEvent } from './events.ts';
import { evolveSession } from './evolve-session.ts';
import { requestTurn } from './request-turn.ts';
import { startSummary } from './start-summary.ts';
import { initialSession } from './state.ts';

const { given, stateAfter } = deciderSpecification({ initial: initialSession, evolve: evolveSession });
const { turn, nextTurn, summary, nextSummary, call } = sampleIds;
const first = [sampleStarted(), sampleRequested(), sampleClaimed(), sampleCompleted()] as const;
const second = [
  sampleRequested({ turnId: nextTurn, position: 2, bodyHmac: 'second' }),
  sampleCancelled({ turnId: nextTurn }),
] as const;
const both = [...first, ...second] as const;
const next = sampleSummaryClaim({
  summaryId: nextSummary,
  throughTurnId: nextTurn,
  throughPosition: 2,
  prompt: { ...samplePrompt, summaryId: summary },
});

describe('startSummary', () => {
  test('claims the turns of effective history through one of them', () => {
    given(...both)
      .when(startSummary, sampleSummaryClaim())
      .thenAppends(sampleSummaryStarted());
  });

  test('may go on from the newest that holds, and from no other', () => {
    const summarised = [...both, sampleSummaryStarted(), sampleSummarised()] as const;
    const { lostSummaryId: _none, ...data } = next;
    given(...summarised)
      .when(startSummary, next)
      .thenAppends({ type: 'SummaryStarted', data });
    given(...both)
      .when(startSummary, next)
      .thenRefused('summary_superseded');
    given(...summarised)
      .when(startSummary, { ...next, prompt: samplePrompt })
      .thenRefused('summary_superseded');
  });

  test('is refused for what has a summary', () => {
    given(...both, sampleSummaryStarted(), sampleSummarised())
      .when(startSummary, sampleSummaryClaim({ prompt: { ...samplePrompt, summaryId: summary } }))
      .thenRefused('summary_superseded');
  });

  test('is refused while a turn is open, naming it, and once the session has ended', () => {
    given(...first, sampleRequested({ turnId: nextTurn, position: 2 }))
      .when(startSummary, sampleSummaryClaim())
      .thenRefused('turn_open', nextTurn);
    given(...first, sampleEnded())
      .when(startSummary, sampleSummaryClaim())
      .thenRefused('session_ended');
    given().when(startSummary, sampleSummaryClaim()).thenRefused('session_not_found');
  });

  test('is refused for a turn that a rewind has cut, or that stands elsewhere', () => {
    given(...both, sampleRewound({ toTurnId: turn, toPosition: 1 }))
      .when(startSummary, sampleSummaryClaim({ throughTurnId: nextTurn, throughPosition: 2 }))
      .thenRefused('turn_rewound', nextTurn);
    given(...both)
      .when(startSummary, sampleSummaryClaim({ throughPosition: 2 }))
      .thenRefused('turn_rewound', turn);
    given(...both)
      .when(startSummary, sampleSummaryClaim({ fromTurnId: nextTurn }))
      .thenRefused('turn_rewound', turn);
  });

  test('is refused while another is under way whose holder may live', () => {
    const again = sampleSummaryClaim({ summaryId: nextSummary });
    given(...both, sampleSummaryStarted())
      .when(startSummary, again)
      .thenRefused('summary_held');
    given(...both, sampleSummaryStarted())
      .when(startSummary, { ...again, lostSummaryId: nextSummary })
      .thenRefused('summary_held');
  });

  test('gives up the claim of a lost worker in the same append', () => {
    const again = sampleSummaryClaim({ summaryId: nextSummary });
    given(...both, sampleSummaryStarted())
      .when(startSummary, { ...again, lostSummaryId: summary })
      .thenAppends(
        { type: 'SummaryFailed', data: { summaryId: summary, callId: call, code: 'worker_lost' } },
        sampleSummaryStarted({ summaryId: nextSummary }),
      );
  });
});

describe('a session that is summarised', () => {
  test('takes a turn at any time of it', () => {
    const request = sampleRequest({ turnId: nextTurn, bodyHmac: 'second' });
    const requested = sampleRequested({ turnId: nextTurn, position: 2, bodyHmac: 'second' });
    for (const events of [[], [sampleSummaryStarted()], [sampleSummaryStarted(), sampleSummarised()]])
      given(...first, ...events)
        .when(requestTurn, request)
        .thenAppends(requested);
  });

  test('holds a guard on the revision of the reply before it, and on none before that', () => {
    const request = sampleRequest({ turnId: nextTurn, bodyHmac: 'second' });
    const summarised = [...first, sampleSummaryStarted(), sampleSummarised()] as const;
    for (const expectedRevision of [3, 4, 5])
      given(...summarised)
        .when(requestTurn, { ...request, expectedRevision })
        .thenAppends(sampleRequested({ turnId: nextTurn, position: 2, bodyHmac: 'second' }));
    for (const expectedRevision of [2, 6])
      given(...summarised)
        .when(requestTurn, { ...request, expectedRevision })
        .thenRefused('session_revision_mismatch');
    given(...summarised, sampleRequested({ turnId: 'x', position: 2 }), sampleCancelled({ turnId: 'x' }))
      .when(requestTurn, { ...request, expectedRevision: 5 })
      .thenRefused('session_revision_mismatch');
  });

  test('keeps what it knew before a rewind, but for what the rewind has cut', () => {
    const two = [
      ...both,
      sampleSummaryStarted(),
      sampleSummarised(),
      sampleSummaryStarted({ ...next }),
      sampleSummarised({ summaryId: nextSummary, throughTurnId: nextTurn, throughPosition: 2 }),
    ] as const;
    const heldAfter = (...events: readonly SessionEvent<'plain'>[]) =>
      stateAfter(...events).summaries?.held.map(({ summaryId }) => summaryId);
    expect(heldAfter(...two)).toEqual([summary, nextSummary]);
    expect(heldAfter(...two, sampleRewound({ toTurnId: turn, toPosition: 1 }))).toEqual([summary]);
    expect(heldAfter(...two, sampleRewound())).toEqual([]);
  });

  test('remembers at which length of history a model failed, and forgets it with the next that comes about', () => {
    const failed = [...both, sampleSummaryStarted(), sampleSummaryFailed()] as const;
    expect(stateAfter(...failed).summaries).toMatchObject({ failedAtLength: 2 });
    const lost = [...both, sampleSummaryStarted(), sampleSummaryFailed({ code: 'worker_lost' })] as const;
    expect(stateAfter(...lost).summaries).not.toHaveProperty('failedAtLength');
    const mended = stateAfter(...failed, sampleSummaryStarted(), sampleSummarised()).summaries;
    expect(mended).not.toHaveProperty('failedAtLength');
  });
});
