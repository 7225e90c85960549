import type { TurnState } from '@turnledger/shared/domain';
import type { Clock, Ids, KeyVault, Model, TurnFeed, TurnMessage, WorkerLiveness } from '@turnledger/shared/ports';
import type { Ledger, Log, PriceTable } from '@turnledger/shared/runtime';
import type { PlannedAttempt } from './planned-attempt.ts';
import type { ToldPast } from './tell-again.ts';

/** What a worker needs from outside. */
export interface WorkerPorts {
  readonly ledger: Ledger;
  readonly vault: KeyVault;
  readonly feed: TurnFeed;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The models by the name of their endpoint. */
  readonly models: ReadonlyMap<string, Model>;
  /** What the models cost, by the name of their endpoint; where it says nothing, nothing is known. */
  readonly prices?: ReadonlyMap<string, PriceTable>;
  readonly holders: ClaimHolders;
  /** Where this worker beats; absent where no other could take its claims, so that nobody has to know. */
  readonly liveness?: WorkerLiveness;
}

/** An attempt of a turn, and who claimed it. */
export interface HeldClaim {
  readonly turnId: string;
  readonly attempt: number;
  readonly worker: string;
}

/** Tells whether the worker that holds a claim is gone; both proofs of rule 4 are its business. */
export interface ClaimHolders {
  /** To be asked again while it says no: the proof takes time. Throws `store_unavailable`. */
  isLost(claim: HeldClaim): Promise<boolean>;
}

/** How a turn is planned that repeats a recorded one, and what decides before each claim whether it is asked at all. */
export interface Repetition {
  /** What a draw among models is made by: the recorded turn's id, so that it comes out as it did. */
  readonly seed: string;
  /** Asked of that model alone. */
  readonly model?: { readonly name: string; readonly endpoint: string };
  /** What the recorded turn asked first, and under which version; absent where it asked nobody. */
  readonly recorded?: { readonly name: string; readonly endpoint: string; readonly scenarioVersion: number };
  /** What the recorded prompt told of its past; absent where there was none, or where its turns have other answers now. */
  readonly told?: ToldPast;
  /** False: the turn is left as it stands, or has been ended by whoever was asked. */
  admit(plan: PlannedAttempt, turn: TurnState): Promise<boolean>;
  /** The model has answered, or was given up; what it came to is not recorded yet. */
  answered(): void;
}

/** One run of a turn by one worker. */
export interface TurnRun {
  readonly message: TurnMessage;
  /** This worker's incarnation id. */
  readonly worker: string;
  /** Aborts when the turn has ended elsewhere, or the process is out of time. */
  readonly signal: AbortSignal;
  /** Absent: a turn of a player. */
  readonly repetition?: Repetition;
}
