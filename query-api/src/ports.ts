import type { Clock, KeyVault, TurnFeed, ViewDatabase } from '@turnledger/shared/ports';
import type { Ledger } from '@turnledger/shared/runtime';

/** What the query side needs from outside. */
export interface QueryPorts {
  readonly views: ViewDatabase;
  /** For re-renders and live turns; never written through. */
  readonly ledger: Ledger;
  readonly vault: KeyVault;
  readonly feed: TurnFeed;
  readonly clock: Clock;
  /** Aborts when this process is about to end; absent: never before its connections are closed. */
  readonly leaving?: AbortSignal;
}
