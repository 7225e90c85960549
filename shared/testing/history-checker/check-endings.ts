import type { Evidence, Violation } from './history.ts';
import { isEnding, recordedTurns, shownFact } from './recorded-turns.ts';

/** What may name a turn after its ending. */
const allowedAfter: ReadonlySet<string> = new Set([
  'AttemptSettled',
  'MoveAccepted',
  'MoveRejected',
  'TurnRated',
  'SessionBookmarked',
]);

/** R2, one ending: at most one of completed, failed, cancelled, timed out a turn; after it only money settled, verdicts, ratings, bookmarks. */
export const checkEndings = ({ log }: Evidence): readonly Violation[] =>
  recordedTurns(log).flatMap(({ turnId, sessionId, facts }) => {
    const ended = facts.findIndex(({ event }) => isEnding(event));
    const after = ended < 0 ? [] : facts.slice(ended + 1).filter(({ event }) => !allowedAfter.has(event.type));
    return after.map((fact): Violation => {
      const sentence = isEnding(fact.event)
        ? 'a turn has a second ending'
        : `${fact.event.type} names a turn that has ended`;
      return {
        invariant: 'R2',
        sentence,
        turnId,
        sessionId,
        evidence: [...facts.slice(ended, ended + 1), fact].map(shownFact),
      };
    });
  });
