import type { Clock, Ids, KeyVault, RateCounter, TurnFeed, ViewDatabase } from '@turnledger/shared/ports';
import type { KnownEndpoints, Ledger } from '@turnledger/shared/runtime';

/** What the command side needs from outside. */
export interface CommandPorts {
  readonly ledger: Ledger;
  readonly vault: KeyVault;
  /** Where sessions are found that a re-run may be about; the ledger has the last word on each. */
  readonly views: ViewDatabase;
  readonly feed: TurnFeed;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Endpoints that the operator configured; a scenario may name no other. */
  readonly endpoints: KnownEndpoints;
  /** How fast a player may ask for turns, by the player's id. */
  readonly turnRate: RateCounter;
  /**
   * How old news of a session may be when it is looked up whether its turn has ended; absent: any age, where all who end turns share this
   * process's ledger.
   */
  readonly endingsMaxAgeMs?: number;
}
