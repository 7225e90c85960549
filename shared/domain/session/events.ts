import type { Form } from '../secret.ts';
import type {
  RerunSessionStarted,
  SessionBookmarked,
  SessionEnded,
  SessionForked,
  SessionReconfigured,
  SessionRewound,
  SessionStarted,
} from './lifecycle-events.ts';
import type { MoveAccepted, MoveRejected } from './move-events.ts';
import type { HistorySummarized, SummaryFailed, SummaryStarted } from './summary-events.ts';
import type {
  AttemptSettled,
  TurnAttemptFailed,
  TurnCancelled,
  TurnCompleted,
  TurnFailed,
  TurnRequested,
  TurnReused,
  TurnStarted,
  TurnTimedOut,
} from './turn-events.ts';

export type * from './call-facts.ts';
export type * from './lifecycle-events.ts';
export type * from './move-events.ts';
export type * from './summary-events.ts';
export type * from './turn-events.ts';

/** Every event of a session stream, in the form F. */
export type SessionEvent<F extends Form = Form> =
  | SessionStarted<F>
  | SessionForked<F>
  | RerunSessionStarted
  | TurnRequested<F>
  | TurnStarted
  | TurnAttemptFailed<F>
  | TurnCompleted<F>
  | TurnReused<F>
  | TurnFailed<F>
  | TurnCancelled<F>
  | TurnTimedOut<F>
  | AttemptSettled
  | MoveAccepted
  | MoveRejected<F>
  | SessionReconfigured<F>
  | SessionBookmarked<F>
  | SessionRewound<F>
  | SessionEnded
  | SummaryStarted
  | HistorySummarized<F>
  | SummaryFailed;
