import type { SessionEvent } from '../../domain/index.ts';
import { completed, failed, goldenClosing, goldenOpening, requested, started, turnId } from './golden-events.ts';

type Session = readonly SessionEvent<'plain'>[];

/** Moves: one that was not valid and was corrected, accepted; one that was rejected once the session had ended. */
const moves: Session = [
  requested(6, 5, { text: 'Then show me.', scenarioVersion: 1 }),
  started(6, 1, 5, { assembler: 2 }),
  failed(6, 1, 5, { code: 'model_move_invalid', retryInMs: 0, reply: 'Come.\n```move\n{"verb":"fly"}\n```' }),
  started(6, 2, 6, { assembler: 2, correctionOfAttempt: 1 }),
  completed(6, 2, 6, { reply: 'Come.', move: { verb: 'go' } }),
  { type: 'MoveAccepted', data: { turnId: turnId(6), stateRev: 8 } },
  requested(7, 6, { text: 'And further?', scenarioVersion: 1 }),
  started(7, 1, 7, { assembler: 3 }),
  completed(7, 1, 7, { reply: 'After you.', move: { verb: 'go' } }),
];
const rejected: Session = [{ type: 'MoveRejected', data: { turnId: turnId(7), reason: 'the door is locked' } }];

/** The golden session of each edition, the first at index 0; one that was recorded never changes. */
export const goldenSessions: readonly [Session, ...Session[]] = [
  [...goldenOpening, ...goldenClosing(5)],
  [...goldenOpening, ...moves, ...goldenClosing(7), ...rejected],
];

/** What the files of today are called by: one more with each change to an event's format, and with each new type. */
export const goldenEdition = goldenSessions.length;
