import type { ConfigureBody, sessionDocument, TurnDocument } from '../contracts/index.ts';
import type { CamelCased } from './wire-names.ts';

/** Any JSON value. */
export type Json = NonNullable<TurnDocument['metadata']>[string];

/** A turn as it stands; null where something is not there yet, or was erased. Times are ISO 8601, durations milliseconds. */
export type Turn = CamelCased<Omit<TurnDocument, 'output'>> & {
  /** Where the write stands in the log; on answers to a command and on a stream's ending. */
  readonly logPosition?: string;
};

/** A turn that the character answered. */
export type CompletedTurn = Turn & { readonly status: 'completed'; readonly response: string };

export type Session = CamelCased<ReturnType<typeof sessionDocument>> & { readonly logPosition?: string };

/** A session folded anew from its recorded events. */
export interface Replay {
  readonly session: Session;
  readonly turns: readonly Turn[];
}

/**
 * A scenario version: the full form, or the flat one (`model`, `temperature`, `maxTokens`, `topP`, `stop` of its first model). What is
 * absent keeps the newest version's value, or the default.
 */
export type ModelConfiguration = CamelCased<ConfigureBody>;

export interface ConfiguredModel {
  readonly scenarioId: string;
  readonly version: number;
  readonly configHash: string;
  readonly logPosition: string;
}
