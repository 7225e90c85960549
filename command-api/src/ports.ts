import type { Clock, Ids, KeyVault, TurnFeed } from '@turnledger/shared/ports';
import type { Ledger } from '@turnledger/shared/runtime';

/** What the command side needs from outside. */
export interface CommandPorts {
  readonly ledger: Ledger;
  readonly vault: KeyVault;
  readonly feed: TurnFeed;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Endpoints that the operator configured; a scenario may name no other. */
  readonly endpoints: ReadonlySet<string>;
  /** How many turns a player may ask for in a minute; 0 or absent: as many as they like. */
  readonly playerTurnsPerMinute?: number;
}
