import { isTurnledgerError, sessionStream, type TurnledgerError } from '@turnledger/shared/contracts';
import {
  type Decision,
  type RequestTurnRefusal,
  type SessionEvent,
  type SessionState,
  turnOf,
} from '@turnledger/shared/domain';
import { endingMessage, sessionHint } from '@turnledger/shared/runtime';
import { refusal } from './if-match.ts';
import { withRetryAdvice } from './outcome-unknown.ts';
import type { PatchRefused } from './patched-state.ts';
import type { Requester } from './requester.ts';
import type { EnteringTurn } from './turn-admission.ts';
import type { TurnPorts } from './turn-ports.ts';

/** A turn that is in the log, with what is needed to wait for it. */
export interface AcceptedTurn {
  readonly sessionId: string;
  readonly turnId: string;
  readonly revision: number;
  readonly deadlineMs: number;
  /** True when the key had asked for this turn before. */
  readonly isReplay: boolean;
}

export type TurnDecision = Decision<SessionEvent<'plain'>, RequestTurnRefusal> | PatchRefused;

/**
 * Lets a turn in and records it; the readers of a turn whose place it took, and who watches the session, are told to look at
 * the log. Throws what the decision refuses,
 * what `TurnAdmission.enter` throws, and `outcome_unknown` with advice on whether to ask again.
 */
export async function appendTurn(
  ports: TurnPorts,
  entering: EnteringTurn,
  requester: Requester,
  actor: string,
  decide: (state: SessionState) => TurnDecision | Promise<TurnDecision>,
): Promise<AcceptedTurn> {
  const { ledger, feed, admission } = ports;
  const { turnId, sessionId } = entering;
  const withdraw = (await admission.enter(entering)) === 'admitted' ? () => admission.withdraw(turnId) : () => {};
  let openTurnId: string | undefined;
  let refusedPatch: TurnledgerError | undefined;
  const decideOn = async (state: SessionState) => {
    openTurnId = state.openTurnId;
    const decision = await decide(state);
    refusedPatch = 'error' in decision ? decision.error : undefined;
    return decision;
  };
  const context = { actor, correlationId: requester.traceId };
  const result = await ledger.sessions
    .transact<RequestTurnRefusal | PatchRefused['reason']>(sessionStream(sessionId), decideOn, {
      context,
      likelyNew: true,
    })
    .catch((thrown: unknown) => {
      // Of an unknown outcome the place is kept: the turn may be in the log.
      if (!isTurnledgerError(thrown) || thrown.code !== 'outcome_unknown') withdraw();
      return Promise.reject(withRetryAdvice(thrown, requester.key, { turn_id: turnId, session_id: sessionId }));
    });
  if (result.outcome !== 'recorded') withdraw();
  if (result.outcome === 'refused') {
    const { reason, turnId: openTurn, state } = result;
    throw refusedPatch ?? refusal(reason, state.revision, openTurn === undefined ? {} : { turn_id: openTurn });
  }
  // Not waited for: whoever watches the session looks at the log every second in any case.
  if (result.outcome === 'recorded') void feed.publish(sessionId, sessionHint(result.revision));
  if (result.outcome === 'recorded' && openTurnId !== undefined) {
    admission.leave(openTurnId);
    await feed.publish(openTurnId, endingMessage);
  }
  const deadlineMs = turnOf(result.state, turnId)?.deadlineMs ?? entering.deadlineMs;
  return { sessionId, turnId, deadlineMs, revision: result.revision, isReplay: result.outcome === 'unchanged' };
}
