import type { ForkSession, RerunSessionStarted, ReuseTurn, SessionEvent, StartSession } from '../domain/index.ts';
import {
  sampleBookmark,
  sampleClaim,
  sampleCompletion,
  sampleCost,
  sampleFork,
  sampleIds,
  sampleRequest,
  sampleRerunStart,
  sampleReuse,
  sampleRewind,
  sampleStart,
  sampleSummary,
  sampleSummaryClaim,
  sampleSummaryFailure,
  sampleUsage,
} from './sample-commands.ts';

type Plain<T extends SessionEvent['type']> = Extract<SessionEvent<'plain'>, { readonly type: T }>;

/** Each is what the sample command of the same turn leads to, changed as a test needs it. */
export const sampleStarted = (changes: Partial<StartSession> = {}): Plain<'SessionStarted'> => ({
  type: 'SessionStarted',
  data: sampleStart(changes),
});

export const sampleForked = (changes: Partial<ForkSession> = {}): Plain<'SessionForked'> => ({
  type: 'SessionForked',
  data: sampleFork(changes),
});

export const sampleRerunStarted = (changes: Partial<RerunSessionStarted['data']> = {}): RerunSessionStarted => ({
  type: 'RerunSessionStarted',
  data: sampleRerunStart(changes),
});

export const sampleRequested = (changes: Partial<Plain<'TurnRequested'>['data']> = {}): Plain<'TurnRequested'> => {
  const { maxTurns: _bound, maxRecordedTurns: _other, ...request } = sampleRequest();
  return { type: 'TurnRequested', data: { ...request, position: 1, scenarioVersion: 1, ...changes } };
};

export const sampleClaimed = (changes: Partial<Plain<'TurnStarted'>['data']> = {}): Plain<'TurnStarted'> => {
  const { maxAttempts: _scenario, holderIsLost: _proof, fallback: _line, ...claim } = sampleClaim();
  return { type: 'TurnStarted', data: { ...claim, ...changes } };
};

export const sampleAttemptFailed = (
  changes: Partial<Plain<'TurnAttemptFailed'>['data']> = {},
): Plain<'TurnAttemptFailed'> => ({
  type: 'TurnAttemptFailed',
  data: { turnId: sampleIds.turn, attempt: 1, callId: sampleIds.call, code: 'model_overloaded', ...changes },
});

export const sampleCompleted = (changes: Partial<Plain<'TurnCompleted'>['data']> = {}): Plain<'TurnCompleted'> => {
  const { cost, ...ending } = sampleCompletion();
  return { type: 'TurnCompleted', data: { ...ending, ...cost, ...changes } };
};

export const sampleReused = (changes: Partial<ReuseTurn> = {}): Plain<'TurnReused'> => ({
  type: 'TurnReused',
  data: sampleReuse(changes),
});

export const sampleCancelled = (changes: Partial<Plain<'TurnCancelled'>['data']> = {}): Plain<'TurnCancelled'> => ({
  type: 'TurnCancelled',
  data: { turnId: sampleIds.turn, by: 'game', reason: 'requested', ...changes },
});

export const sampleTimedOut = (changes: Partial<Plain<'TurnTimedOut'>['data']> = {}): Plain<'TurnTimedOut'> => ({
  type: 'TurnTimedOut',
  data: { turnId: sampleIds.turn, phase: 'total', elapsedMs: 30_000, ...changes },
});

export const sampleFailed = (changes: Partial<Plain<'TurnFailed'>['data']> = {}): Plain<'TurnFailed'> => ({
  type: 'TurnFailed',
  data: { turnId: sampleIds.turn, attempt: 1, code: 'model_overloaded', stage: 'model', ...changes },
});

export const sampleSettled = (changes: Partial<Plain<'AttemptSettled'>['data']> = {}): Plain<'AttemptSettled'> => ({
  type: 'AttemptSettled',
  data: {
    turnId: sampleIds.turn,
    attempt: 1,
    callId: sampleIds.call,
    outcome: 'late',
    usage: sampleUsage,
    ...sampleCost,
    ...changes,
  },
});

export const sampleBookmarked = (
  changes: Partial<Plain<'SessionBookmarked'>['data']> = {},
): Plain<'SessionBookmarked'> => {
  const { maxBookmarks: _bound, ...bookmark } = sampleBookmark();
  return { type: 'SessionBookmarked', data: { ...bookmark, turnId: sampleIds.turn, ...changes } };
};

/** To before the first turn, unless told otherwise. */
export const sampleRewound = (changes: Partial<Plain<'SessionRewound'>['data']> = {}): Plain<'SessionRewound'> => {
  const { maxRewinds: _bound, ...rewind } = sampleRewind();
  return { type: 'SessionRewound', data: { ...rewind, toPosition: 0, ...changes } };
};

export const sampleEnded = (changes: Partial<Plain<'SessionEnded'>['data']> = {}): Plain<'SessionEnded'> => ({
  type: 'SessionEnded',
  data: { outcome: 'won', by: 'game', ...changes },
});

export const sampleMoveAccepted = (changes: Partial<Plain<'MoveAccepted'>['data']> = {}): Plain<'MoveAccepted'> => ({
  type: 'MoveAccepted',
  data: { turnId: sampleIds.turn, stateRev: 8, ...changes },
});

export const sampleMoveRejected = (changes: Partial<Plain<'MoveRejected'>['data']> = {}): Plain<'MoveRejected'> => ({
  type: 'MoveRejected',
  data: { turnId: sampleIds.turn, reason: 'The door is locked.', ...changes },
});

export const sampleSummaryStarted = (
  changes: Partial<Plain<'SummaryStarted'>['data']> = {},
): Plain<'SummaryStarted'> => ({ type: 'SummaryStarted', data: { ...sampleSummaryClaim(), ...changes } });

export const sampleSummarised = (
  changes: Partial<Plain<'HistorySummarized'>['data']> = {},
): Plain<'HistorySummarized'> => {
  const { cost, ...summary } = sampleSummary();
  const through = { throughTurnId: sampleIds.turn, throughPosition: 1 };
  return { type: 'HistorySummarized', data: { ...summary, ...through, ...cost, ...changes } };
};

export const sampleSummaryFailed = (changes: Partial<Plain<'SummaryFailed'>['data']> = {}): Plain<'SummaryFailed'> => {
  const { cost, ...failure } = sampleSummaryFailure();
  return { type: 'SummaryFailed', data: { ...failure, ...cost, ...changes } };
};
