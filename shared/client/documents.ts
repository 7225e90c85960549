import type {
  BookmarkDocument,
  CallDocument,
  ConfigureBody,
  GameStateDocument,
  LineageDocument,
  PlayerDocument,
  RerunDocument,
  RerunEstimateDocument,
  RerunListDocument,
  RerunTurnDocument,
  ScenarioStatsDocument,
  scenarioDocument,
  sessionDocument,
  TurnDocument,
  UsageDocument,
} from '../contracts/index.ts';
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

/** What the state of a document is called; goes back in as `ifMatch`. */
export interface Tagged {
  readonly etag?: string;
}

export type Session = CamelCased<ReturnType<typeof sessionDocument>> & Tagged & { readonly logPosition?: string };

/** A player by the id that the game gave; null members are not known, or erased. */
export type Player = CamelCased<PlayerDocument> & Tagged & { readonly logPosition?: string };

/** A published scenario version, whole. */
export type Scenario = CamelCased<ReturnType<typeof scenarioDocument>> & Tagged;

/** What became of the turns and moves of a scenario version; the rate is null before a move was judged. */
export type ScenarioStats = CamelCased<ScenarioStatsDocument>;

/** The game's state as the last turn that brought one left it; all null before the first. A player's token is shown the public parts. */
export type SessionState = CamelCased<GameStateDocument> & Tagged;

/** What was used: turns by how they ended, calls, tokens. `costMicroUsd` is millionths of a US dollar; null where no price is known. */
export type UsageCounts = CamelCased<UsageDocument>;

/** Usage by what was asked; the one member beside the counts says of what a row is, null for no game and no model. */
export type UsageRow = UsageCounts & {
  readonly day?: string;
  readonly gameId?: string | null;
  readonly scenarioId?: string;
  readonly model?: string | null;
};

export interface Usage {
  /** Days, both included, in UTC. */
  readonly from: string;
  readonly to: string;
  readonly rows: readonly UsageRow[];
  /** More rows than are answered; the totals are of all. */
  readonly hasMore: boolean;
  readonly totals: UsageCounts;
}

/** One request to a model: who was asked, what came of it and what it cost; no word of what was said. */
export type ModelCall = CamelCased<CallDocument>;

/** A turn to come back to; `bookmark` is what a game keeps in its save file. */
export type Bookmark = CamelCased<BookmarkDocument>;

/** A re-run as it stands: what was asked for, how far it is, what it has cost, how the new answers compare with the recorded ones. */
export type Rerun = CamelCased<RerunDocument> & { readonly logPosition?: string };

/** A re-run in a list. */
export type RerunRow = CamelCased<RerunListDocument>;

/** A turn that was asked again, beside what was recorded of it; null where a text was not there, or was erased. */
export type RerunTurn = CamelCased<RerunTurnDocument>;

/** What a re-run would take, by what the recorded turns used. */
export type RerunEstimate = CamelCased<RerunEstimateDocument>;

/** Everything that a session ever was: each of its turns with the one it followed, its rewinds and its bookmarks. */
export type Lineage = CamelCased<LineageDocument>;

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
