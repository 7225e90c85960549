import { sessionStream } from '../../contracts/index.ts';
import { type PromptManifest, type RequestTurn, requestTurn } from '../../domain/index.ts';
import type { Ids } from '../../ports/index.ts';
import type { Ledger } from '../../runtime/index.ts';
import type { ManualClock } from '../manual-clock.ts';
import type { ModelCall } from './history.ts';

export interface PlayPorts {
  readonly ledger: Ledger;
  readonly ids: Ids;
  readonly clock: ManualClock;
}

/** One turn that is played straight into the ledger, and what its worker sees. */
export interface TurnStage {
  readonly sessionId: string;
  readonly turnId: string;
  readonly text: string;
  readonly fallback: string;
  /** What a model is to be sent. */
  readonly messages: ModelCall['messages'];
  readonly window: Pick<PromptManifest, 'fromTurnId' | 'throughTurnId'>;
  /** A new incarnation after each death. */
  worker(): string;
  onCall(call: ModelCall): void;
  /** The worker's process dies now. */
  onDeath(): void;
  /** Somebody asks for another turn in this one's place now. */
  onSuperseded(partial: string): Promise<void>;
}

/** How a played turn ended: what its client must be told, and what later prompts hold of it. */
export interface PlayedEnding {
  readonly status: 'completed' | 'failed' | 'cancelled' | 'timed_out';
  readonly reply: string | null;
  readonly fallback: string | null;
  readonly attempts: number;
  /** What stands in later prompts; undefined when the turn does not enter. */
  readonly remembered: string | undefined;
}

/** A keyed hash of the right shape; no check looks into one. */
export const PLAYED_HMAC = 'ab'.repeat(32);

/** Records the request of a turn, as the command side would. */
export async function requestPlayed(
  { ledger }: PlayPorts,
  { sessionId, turnId, text }: TurnStage,
  interruption?: RequestTurn['interruption'],
): Promise<void> {
  const speaker = { kind: 'game' } as const;
  const said = {
    turnId,
    text,
    speaker,
    tokens: 5,
    deadlineMs: 30_000,
    bodyHmac: PLAYED_HMAC,
    maxTurns: 100,
    maxRecordedTurns: 100,
  };
  const command = interruption ? { ...said, interruption } : said;
  await ledger.sessions.transact(sessionStream(sessionId), (state) => requestTurn(command, state), {
    context: { actor: 'game', correlationId: turnId },
  });
}
