import type { Form, Json, Secret } from './secret.ts';
import type { SessionEvent } from './session/events.ts';

/** A game state, as the request of a turn brought it. */
export interface GameStateRecord<F extends Form> {
  readonly sessionId: string;
  /** The turn that brought it. */
  readonly turnId: string;
  /** The turn's place in effective history. */
  readonly position: number;
  /** The game's own number of the state. */
  readonly rev: number;
  readonly data: Secret<F, Json>;
  /** ISO 8601, milliseconds. */
  readonly recordedAt: string;
  /** Revision of the event that brought it. */
  readonly revision: number;
}

/** The state that an event brings, or undefined for the many that bring none. An event holds all of its record. */
export function gameStateOf<F extends Form>(
  event: SessionEvent<F>,
  context: { readonly sessionId: string; readonly revision: number; readonly recordedAt: string },
): GameStateRecord<F> | undefined {
  if (event.type !== 'TurnRequested' || event.data.state === undefined) return undefined;
  const { turnId, position, state } = event.data;
  return { ...context, turnId, position, rev: state.rev, data: state.data };
}
