import type { SessionEvent } from './events.ts';
import type { TurnState } from './turn-state.ts';

/** The failure of a turn's newest attempt, whose holder is lost; it goes before whatever follows in the same append (rule 4). */
export function attemptLost({ turnId, attempt, unsettled }: TurnState): SessionEvent<'plain'> {
  const lost = unsettled.find((call) => call.attempt === attempt);
  return {
    type: 'TurnAttemptFailed',
    data: { turnId, attempt, code: 'worker_lost', ...(lost && { callId: lost.callId }) },
  };
}
