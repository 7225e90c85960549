import type { RerunOverrides } from '@turnledger/shared/domain';
import type { PlannedAttempt } from '../planned-attempt.ts';
import type { RecordedTurn } from './recorded-turn.ts';

/**
 * Whether a first attempt would send what the recorded reply answered, to the byte: then asking for it again would buy the same answer twice.
 *
 * A reply of a further attempt answered another request where that corrects a move or goes to the next endpoint. It stands as well if the first
 * request is the recorded one and its turn would go on alike: under the same scenario, of no model that is named in its place, and told of the
 * same past, since a summary or a verdict may have come between two attempts.
 */
export function isAsRecorded(
  { prompt: { hmac }, scenario }: PlannedAttempt,
  { started, answered }: RecordedTurn,
  { model }: RerunOverrides,
): boolean {
  if (!started || !answered) return false;
  const [first, last] = [started.prompt, answered.prompt];
  if (hmac === last.hmac) return true;
  if (hmac !== first.hmac || model || scenario.version !== first.scenarioVersion) return false;
  const isElsewhere = started.calls[0]?.endpoint !== answered.calls[0]?.endpoint;
  const isCorrection = last.correctionOfAttempt !== undefined;
  // What a correction shows besides may have taken the place of the oldest turns.
  const isOfSamePast = first.summaryId === last.summaryId && (isCorrection || first.fromTurnId === last.fromTurnId);
  return (isCorrection || isElsewhere) && isOfSamePast;
}
