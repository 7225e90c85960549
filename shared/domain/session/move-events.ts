import type { Form, Json, Secret } from '../secret.ts';

/** What a character proposes to do: an object by its scenario's move schema. */
export interface Move {
  readonly [name: string]: Json;
}

/** What the game said to a move: legal, and the number of the state it led to, or not, and why. */
export type MoveVerdict<F extends Form> =
  | { readonly verdict: 'accepted'; readonly stateRev: number }
  | { readonly verdict: 'rejected'; readonly reason: Secret<F, string> };

/** The game's verdict on a completed turn's move: it was legal, and led to that state. */
export interface MoveAccepted {
  readonly type: 'MoveAccepted';
  readonly data: {
    readonly turnId: string;
    /** The game's own number of the state after the move. */
    readonly stateRev: number;
  };
}

/** The game's verdict on a completed turn's move: it was not legal. The character is told why in the next prompt. */
export interface MoveRejected<F extends Form> {
  readonly type: 'MoveRejected';
  readonly data: { readonly turnId: string; readonly reason: Secret<F, string> };
}
