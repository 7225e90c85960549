import type { ScenarioEvent, SessionEvent } from '../../domain/index.ts';
import type { RecordedEvent, ViewDefinition, ViewRow } from '../../ports/index.ts';

/** What clients do. `turn`, `rewind` and `fork` are keyed by their Idempotency-Key, `cancel` and `read_turn` by the turn's id, `read_session` by the session's. */
export type OperationName = 'start_session' | 'turn' | 'rewind' | 'fork' | 'cancel' | 'read_session' | 'read_turn';

/** What a client asked (`invoke`), or was answered; each operation fills what it has. */
export interface HistoryValue {
  /** In the `invoke` of a fork the session that it is to go on from, in its answer the fork. */
  readonly sessionId?: string;
  /** In the `invoke` of a fork: the turn that it is to go on from. */
  readonly turnId?: string;
  /** What was asked, in an `invoke`: a player's words, or a trigger as the character is told it. */
  readonly prompt?: string;
  /** The turn's status in the answer. */
  readonly status?: string;
  readonly reply?: string | null;
  readonly fallback?: string | null;
  /** Deltas of the newest attempt a stream showed, joined. */
  readonly shown?: { readonly attempt: number; readonly text: string };
  readonly attempts?: number;
  /** In the `invoke` of a rewind: the last turn to keep; absent: none. */
  readonly toTurnId?: string;
  /** The session's revision that the answer rests on. */
  readonly revision?: number;
  /** In an `invoke`: the client had been told of this revision and asked for nothing older. */
  readonly minRevision?: number;
  /** Why it was refused or is not known: a code of the error catalogue, or what the connection said. */
  readonly code?: string;
}

/**
 * One line of a history. `ok`: answered. `fail`: refused for sure, nothing was recorded by it. `unknown`: the client cannot tell. A process
 * does one thing at a time, so its lines alternate between an `invoke` and how that came out.
 */
export interface HistoryEntry {
  readonly process: string;
  readonly op: OperationName;
  readonly key: string;
  readonly type: 'invoke' | 'ok' | 'fail' | 'unknown';
  readonly value: HistoryValue;
  /** Milliseconds since the epoch, by the one clock of all clients. */
  readonly t: number;
}

/** An event of the log with its personal fields readable. */
export interface LoggedEvent extends RecordedEvent {
  /** Absent for an event of a player's stream, which no invariant here looks at. */
  readonly opened: SessionEvent<'opened'> | ScenarioEvent | undefined;
}

/** One request as the model's side saw it. */
export interface ModelCall {
  readonly model: string;
  /** The id that it came under: the claim that announced it has the same. Empty when it came without one. */
  readonly callId: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** The rows of one view. */
export interface ViewContent {
  readonly view: ViewDefinition;
  readonly rows: readonly ViewRow[];
}

/** Everything a run left behind; the run has come to rest: every turn has ended and the views have reached the head. */
export interface Evidence {
  readonly history: readonly HistoryEntry[];
  /** The whole log, in its order. */
  readonly log: readonly LoggedEvent[];
  readonly views: {
    readonly live: readonly ViewContent[];
    /** The same views, projected from an empty store. */
    readonly rebuilt: readonly ViewContent[];
  };
  readonly calls: readonly ModelCall[];
  /** When worker processes died, milliseconds since the epoch. */
  readonly killsAtMs: readonly number[];
  /** When processes died that run no turns; a turn has time to end after such a fault too. */
  readonly otherKillsAtMs?: readonly number[];
  /** How many worker processes ran beside each other; default 1. */
  readonly workersAtOnce?: number;
}

/** An invariant that does not hold: which, of what, and what shows it. */
export interface Violation {
  readonly invariant: 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'R6' | 'R11' | 'R12';
  readonly sentence: string;
  readonly sessionId?: string;
  readonly turnId?: string;
  readonly evidence: unknown;
}

/** Judges one invariant; pure. */
export type Check = (evidence: Evidence) => readonly Violation[];
