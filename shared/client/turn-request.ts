import type { generateBody } from '../contracts/index.ts';
import type { Json } from './documents.ts';

/** The body of a turn as the contract has it. */
type GenerateBody = ReturnType<(typeof generateBody)['parse']>;

/** Something that happened in the game, and the character speaks first: `silence`, `door_opened`. */
export interface Trigger {
  /** Lower case letters, digits and `_`, at most 64. */
  readonly name: string;
  /** Any JSON that the character should know of it; at most 64 KiB. */
  readonly args?: Json;
}

/** What a turn answers: a player's words, or a trigger. */
export type UserInput = string | { readonly trigger: Trigger };

/** One operation of a JSON Patch (RFC 6902). */
export type PatchOperation = NonNullable<NonNullable<GenerateBody['state']>['patch']>[number];

/** The game's state at revision `rev`, at most 64 KiB of JSON: all of it, or how it differs from the newest that the session has. */
export type StateUpdate =
  | { readonly rev: number; readonly data: Json }
  | {
      readonly rev: number;
      readonly patch: readonly PatchOperation[];
      /** The `rev` that the patch was made against: refused (`state_rev_mismatch`) unless the newest state still has it. */
      readonly baseRev?: number;
    };

/** What may be said of one turn beside its text. */
export interface TurnOptions {
  /** The game's own id of the player who speaks. */
  readonly playerId?: string;
  /** Up to 16 pairs that mean something to the game alone. */
  readonly metadata?: { readonly [key: string]: string | number | boolean };
  readonly state?: StateUpdate;
  /** One of the scenario's models. */
  readonly model?: string;
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  /** The key of this action; made anew unless given. Give the one of a problem to ask for the same turn again. */
  readonly idempotencyKey?: string;
  /** Stops waiting; the turn goes on, and `cancelTurn` ends it. */
  readonly signal?: AbortSignal;
}

/** How long a request may wait for its turn's ending. */
export interface WaitOptions {
  /** Whole seconds; 0 does not wait at all, and the service bounds what is asked for. Absent: to the ending. */
  readonly waitSeconds?: number;
}

/** Where a turn belongs when it is not asked for in a session's own name. */
export interface TurnPlace {
  /** Absent: a session of one turn is opened. */
  readonly sessionId?: string;
  /** Absent: `default`. */
  readonly scenarioId?: string;
  readonly gameId?: string;
}

const stateBodyOf = (state: StateUpdate): GenerateBody['state'] =>
  'patch' in state ? { rev: state.rev, patch: [...state.patch], base_rev: state.baseRev } : state;

/** Members that are undefined vanish in JSON. */
export const turnBodyOf = (userInput: UserInput, options: TurnOptions & TurnPlace): GenerateBody => ({
  ...(typeof userInput === 'string' ? { prompt: userInput } : { trigger: userInput.trigger }),
  session_id: options.sessionId,
  scenario_id: options.scenarioId,
  game_id: options.gameId,
  player_id: options.playerId,
  metadata: options.metadata,
  state: options.state && stateBodyOf(options.state),
  model: options.model,
  temperature: options.temperature,
  top_p: options.topP,
  max_tokens: options.maxTokens,
  stop: options.stop && [...options.stop],
});

export const sessionPath = (sessionId: string): string => `/v1/sessions/${encodeURIComponent(sessionId)}`;

export const turnPath = (sessionId: string, turnId: string): string =>
  `${sessionPath(sessionId)}/turns/${encodeURIComponent(turnId)}`;
