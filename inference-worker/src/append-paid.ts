import { type ErrorCode, isTurnledgerError, limits, sessionStream } from '@turnledger/shared/contracts';
import type { Decision, SessionEvent, SessionState } from '@turnledger/shared/domain';
import type { PlannedAttempt } from './planned-attempt.ts';
import type { WorkerPorts } from './ports.ts';

/** An attempt that was claimed and has come to its outcome. */
export interface RunAttempt {
  readonly sessionId: string;
  readonly turnId: string;
  readonly attempt: number;
  readonly plan: PlannedAttempt;
  readonly remainingMs: number;
  readonly correlationId: string;
  readonly worker: string;
}

/** A call that was claimed in the log and has come to something, of whatever it was for. */
export interface PaidCall {
  readonly sessionId: string;
  readonly callId: string;
  readonly correlationId: string;
  readonly worker: string;
}

export type SessionDecision = Decision<SessionEvent<'plain'>, 'turn_not_found' | 'turn_already_ended'>;

/** Why nothing was recorded, where a later try may: the money is spent, so giving up would lose a paid reply and buy another. */
const waitable: ReadonlySet<string> = new Set<ErrorCode>(['store_unavailable', 'stream_contended']);

/**
 * Appends what a call came to, again every limits.worker.endingRetryMs for as long as it takes, an unknown outcome with the same bytes
 * (rule 7). True when something was recorded. Throws what no later try would mend, as `player_erased`.
 */
export async function appendPaid(
  { ledger, clock, log }: WorkerPorts,
  { sessionId, callId, correlationId, worker }: PaidCall,
  decide: (state: SessionState) => Decision<SessionEvent<'plain'>, string>,
): Promise<boolean> {
  const context = { actor: `system:${worker}`, correlationId, causationId: callId };
  const options = { context, retryUnknownMs: Number.POSITIVE_INFINITY };
  for (;;) {
    try {
      return (await ledger.sessions.transact(sessionStream(sessionId), decide, options)).outcome === 'recorded';
    } catch (thrown) {
      if (!isTurnledgerError(thrown) || !waitable.has(thrown.code)) throw thrown;
      log.warn({ sessionId, callId, code: thrown.code, cause: thrown }, 'what a call came to cannot be recorded yet');
      await clock.sleep(limits.worker.endingRetryMs);
    }
  }
}
