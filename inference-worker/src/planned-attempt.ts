import type { PlannedCall, PromptManifest, ScenarioVersion } from '@turnledger/shared/domain';
import type { Model, ModelRequest } from '@turnledger/shared/ports';
import type { AskedMove } from './judge-answer.ts';

/** Everything an attempt will do, fixed before it is claimed: what TurnStarted records is what is then sent. */
export interface PlannedAttempt {
  readonly scenario: ScenarioVersion;
  readonly model: Model;
  readonly request: ModelRequest;
  readonly call: PlannedCall;
  readonly prompt: PromptManifest;
  /** How it asks for a move; absent where its scenario has none. */
  readonly moves?: AskedMove;
  /** A failure of this attempt may be answered by another endpoint, at once. */
  readonly isNextUntried: boolean;
}
