import { accepted, type Decision, refused } from '../decision.ts';
import { attemptLost } from './attempt-lost.ts';
import { turnOf } from './effective-history.ts';
import type { PlannedCall, PromptManifest, SessionEvent } from './events.ts';
import type { SessionState } from './state.ts';
import { isTerminal } from './turn-state.ts';

export interface ClaimTurn {
  readonly turnId: string;
  /** The attempt that the calls and the prompt were planned for: the turn's newest plus one. */
  readonly attempt: number;
  readonly worker: string;
  readonly leaseMs: number;
  readonly calls: readonly PlannedCall[];
  readonly prompt: PromptManifest;
  readonly maxAttempts: number;
  /** True only where both proofs of rule 4 hold for the present holder: its lease has passed and its beat has stopped. */
  readonly holderIsLost: boolean;
  readonly fallback?: string;
}

export type ClaimRefusal = 'turn_not_found' | 'turn_already_ended' | 'turn_held' | 'attempt_superseded';

/**
 * Wins the right to spend money on a turn, before it is spent (rule 4).
 *
 * Takeover from a lost worker is one append: its attempt fails as `worker_lost` and the next begins, or the turn fails when no
 * attempt is left.
 */
export function claimTurn(command: ClaimTurn, state: SessionState): Decision<SessionEvent<'plain'>, ClaimRefusal> {
  const { turnId, attempt, worker, leaseMs, calls, prompt, maxAttempts, holderIsLost, fallback } = command;
  const turn = turnOf(state, turnId);
  if (!turn) return refused('turn_not_found');
  if (isTerminal(turn.status)) return refused('turn_already_ended', turnId);
  const held = turn.worker !== undefined;
  if (held && !holderIsLost) return refused('turn_held', turnId);
  if (attempt !== turn.attempt + 1) return refused('attempt_superseded', turnId);

  const started: SessionEvent<'plain'> = {
    type: 'TurnStarted',
    data: { turnId, attempt, worker, leaseMs, calls, prompt },
  };
  const failed: SessionEvent<'plain'> = {
    type: 'TurnFailed',
    data: {
      turnId,
      attempt: turn.attempt,
      code: 'worker_lost',
      stage: 'model',
      ...(fallback !== undefined && { fallback }),
    },
  };
  const next = attempt > maxAttempts ? failed : started;
  if (!held) return accepted(next);
  return accepted(attemptLost(turn), next);
}
