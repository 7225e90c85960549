import type { TurnledgerSession } from '@turnledger/shared/client';
import type { CallOff } from './call-off.ts';
import type { CliStage } from './cli-stage.ts';

/** What a chat is played at. */
export interface PlayTable {
  readonly stage: CliStage;
  /** `/fork` goes on in another one. */
  session: TurnledgerSession;
  readonly callOff: CallOff;
  /** Aborted when the player leaves before everything is said. */
  readonly leaving: AbortController;
}
