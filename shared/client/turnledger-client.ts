import {
  type CallFilter,
  readCalls,
  readSessions,
  readUsage,
  type SessionFilter,
  type UsageQuery,
} from './account-calls.ts';
import { askJson } from './ask.ts';
import { type ClientOptions, type Connection, keyOfAction, openConnection } from './connection.ts';
import type {
  CompletedTurn,
  ConfiguredModel,
  ModelCall,
  ModelConfiguration,
  Player,
  Scenario,
  ScenarioStats,
  Session,
  Turn,
  Usage,
} from './documents.ts';
import type { ReadOptions } from './pages.ts';
import { type PlayerProfile, type PutPlayerOptions, putPlayer, readPlayer } from './player-calls.ts';
import { toSession } from './read-documents.ts';
import { awaitTurn, awaitTurnFor, type DeltaOptions, narrateTurn, streamTurn } from './request-turn.ts';
import { type RerunCalls, rerunCalls } from './rerun-calls.ts';
import {
  type ConfigureOptions,
  configureModel,
  type RetireOptions,
  readScenario,
  readScenarioStats,
  retireScenario,
} from './scenario-calls.ts';
import type { FollowOptions, Waiting } from './session-options.ts';
import { type TurnOptions, type TurnPlace, turnBodyOf, type UserInput, type WaitOptions } from './turn-request.ts';
import type { TurnStream } from './turn-stream.ts';
import { type StartedSession, TurnledgerSession } from './turnledger-session.ts';
import { snakeCased } from './wire-names.ts';

export interface StartOptions {
  /** Absent: `default`. */
  readonly scenarioId?: string;
  /** Absent: the published one. */
  readonly scenarioVersion?: number;
  readonly playerId?: string;
  readonly gameId?: string;
  readonly metadata?: { readonly [key: string]: string | number | boolean };
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/**
 * What a game calls. Each action has one key, made once and kept over all its retries, so nothing is bought twice; the key is on every
 * problem. Methods reject with TurnledgerProblem.
 */
export interface TurnledgerClient extends RerunCalls {
  /** One player input, one reply; with `onDelta` its text is told as it comes. Rejects for a bad ending, with `fallback`. */
  generateResponse(userInput: UserInput, options?: TurnOptions & TurnPlace & DeltaOptions): Promise<CompletedTurn>;
  /** The same as it happens. */
  streamResponse(userInput: UserInput, options?: TurnOptions & TurnPlace): TurnStream;
  /** The same, waiting no longer than `waitSeconds`: a turn that is still open then is answered as it stands, and `followTurn` goes on. */
  requestTurn(userInput: UserInput, options?: TurnOptions & TurnPlace & WaitOptions): Promise<Turn>;
  /** Publishes a scenario version; the same content again answers with the version that is there. */
  configureModel(parameters: ModelConfiguration & ConfigureOptions): Promise<ConfiguredModel>;
  /** The published version of a scenario, whole. */
  scenario(scenarioId: string, options?: ReadOptions): Promise<Scenario>;
  /** Turns, moves and the illegal-move rate of its versions, newest first, page by page as the loop goes on. For games and operators. */
  scenarioStats(scenarioId: string, options?: ReadOptions): AsyncGenerator<ScenarioStats, void>;
  /** No session starts with that scenario any more; those that run go on. */
  retireScenario(scenarioId: string, options?: RetireOptions): Promise<void>;
  /** Registers a player at first sight and replaces the whole profile; consent that is absent is refused. */
  putPlayer(playerId: string, profile: PlayerProfile, options?: PutPlayerOptions): Promise<Player>;
  player(playerId: string, options?: ReadOptions): Promise<Player>;
  startSession(options?: StartOptions): Promise<StartedSession>;
  /** A session that is there; asks nothing. */
  session(sessionId: string): TurnledgerSession;
  /** Sessions, newest first, page by page as the loop goes on. */
  sessions(filter?: SessionFilter & Waiting): AsyncGenerator<Session, void>;
  cancelTurn(sessionId: string, turnId: string, options?: Waiting): Promise<Turn>;
  followTurn(sessionId: string, turnId: string, options?: FollowOptions): TurnStream;
  /** Turns, tokens and money, by day or by what is asked. For games and operators. */
  usage(query?: UsageQuery & Waiting): Promise<Usage>;
  /** Requests to models, newest first, page by page as the loop goes on. For games and operators. */
  modelCalls(filter?: CallFilter & Waiting): AsyncGenerator<ModelCall, void>;
}

/** A client of one Turnledger; it holds no connection and no timer while nothing is asked. Throws `request_invalid` for a bad `baseUrl`. */
export function createTurnledgerClient(options: ClientOptions): TurnledgerClient {
  const connection = openConnection(options);
  const session = (sessionId: string) => new TurnledgerSession(connection, sessionId);
  return {
    ...rerunCalls(connection),
    session,
    generateResponse: async (userInput, { onDelta, ...said } = {}) => {
      const request = generateRequest(userInput, said);
      return onDelta ? narrateTurn(connection, request, onDelta) : awaitTurn(connection, request);
    },
    streamResponse: (userInput, said = {}) => streamTurn(connection, generateRequest(userInput, said)),
    requestTurn: async (userInput, { waitSeconds, ...said } = {}) =>
      awaitTurnFor(connection, generateRequest(userInput, said), waitSeconds),
    configureModel: async (parameters) => configureModel(connection, parameters),
    scenario: (scenarioId, options = {}) => readScenario(connection, scenarioId, options),
    scenarioStats: (scenarioId, options = {}) => readScenarioStats(connection, scenarioId, options),
    retireScenario: (scenarioId, options = {}) => retireScenario(connection, scenarioId, options),
    putPlayer: (playerId, profile, options = {}) => putPlayer(connection, playerId, profile, options),
    player: (playerId, options = {}) => readPlayer(connection, playerId, options),
    sessions: ({ signal, ...filter } = {}) => readSessions(connection, filter, signal),
    usage: ({ signal, ...query } = {}) => readUsage(connection, query, signal),
    modelCalls: ({ signal, ...filter } = {}) => readCalls(connection, filter, signal),
    startSession: (start = {}) => startSession(connection, start),
    cancelTurn: (sessionId, turnId, waiting) => session(sessionId).cancelTurn(turnId, waiting),
    followTurn: (sessionId, turnId, follow) => session(sessionId).followTurn(turnId, follow),
  };
}

function generateRequest(userInput: UserInput, options: TurnOptions & TurnPlace) {
  const { idempotencyKey, signal } = options;
  return { path: '/llm/generate', body: turnBodyOf(userInput, options), idempotencyKey, signal };
}

async function startSession(
  connection: Connection,
  { idempotencyKey: given, signal, ...start }: StartOptions,
): Promise<StartedSession> {
  const idempotencyKey = keyOfAction(connection, given);
  const ask = {
    method: 'POST',
    path: '/v1/sessions',
    body: snakeCased(start) as object,
    idempotencyKey,
    signal,
  } as const;
  const record = await askJson(connection, ask, toSession);
  return Object.assign(new TurnledgerSession(connection, record.id, record.logPosition), { record });
}
