import { askJson } from './ask.ts';
import { type ClientOptions, type Connection, keyOfAction, openConnection } from './connection.ts';
import type { CompletedTurn, ConfiguredModel, ModelConfiguration, Session, Turn } from './documents.ts';
import { toConfigured, toSession } from './read-documents.ts';
import { awaitTurn, type DeltaOptions, narrateTurn, streamTurn } from './request-turn.ts';
import { type TurnOptions, type TurnPlace, turnBodyOf } from './turn-request.ts';
import type { TurnStream } from './turn-stream.ts';
import { type FollowOptions, TurnledgerSession } from './turnledger-session.ts';
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

/** A session that was just opened, as it was recorded. */
export type StartedSession = TurnledgerSession & { readonly record: Session };

export interface ConfigureOptions {
  /** The version that was edited; another one by now is `scenario_version_mismatch`. A lost answer is then not asked for again. */
  readonly expectedVersion?: number;
  readonly signal?: AbortSignal;
}

/**
 * What a game calls. Each action has one key, made once and kept over all its retries, so nothing is bought twice; the key is on every
 * problem. Methods reject with TurnledgerProblem.
 */
export interface TurnledgerClient {
  /** One player input, one reply; with `onDelta` its text is told as it comes. Rejects for a bad ending, with `fallback`. */
  generateResponse(userInput: string, options?: TurnOptions & TurnPlace & DeltaOptions): Promise<CompletedTurn>;
  /** The same as it happens. */
  streamResponse(userInput: string, options?: TurnOptions & TurnPlace): TurnStream;
  /** Publishes a scenario version; the same content again answers with the version that is there. */
  configureModel(parameters: ModelConfiguration & ConfigureOptions): Promise<ConfiguredModel>;
  startSession(options?: StartOptions): Promise<StartedSession>;
  /** A session that is there; asks nothing. */
  session(sessionId: string): TurnledgerSession;
  cancelTurn(sessionId: string, turnId: string, options?: { readonly signal?: AbortSignal }): Promise<Turn>;
  followTurn(sessionId: string, turnId: string, options?: FollowOptions): TurnStream;
}

/** A client of one Turnledger; it holds no connection and no timer while nothing is asked. Throws `request_invalid` for a bad `baseUrl`. */
export function createTurnledgerClient(options: ClientOptions): TurnledgerClient {
  const connection = openConnection(options);
  const session = (sessionId: string) => new TurnledgerSession(connection, sessionId);
  return {
    session,
    generateResponse: async (userInput, { onDelta, ...said } = {}) => {
      const request = generateRequest(userInput, said);
      return onDelta ? narrateTurn(connection, request, onDelta) : awaitTurn(connection, request);
    },
    streamResponse: (userInput, said = {}) => streamTurn(connection, generateRequest(userInput, said)),
    configureModel: (parameters) => configureModel(connection, parameters),
    startSession: (start = {}) => startSession(connection, start),
    cancelTurn: (sessionId, turnId, waiting) => session(sessionId).cancelTurn(turnId, waiting),
    followTurn: (sessionId, turnId, follow) => session(sessionId).followTurn(turnId, follow),
  };
}

function generateRequest(userInput: string, options: TurnOptions & TurnPlace) {
  const { idempotencyKey, signal } = options;
  return { path: '/llm/generate', body: turnBodyOf(userInput, options), idempotencyKey, signal };
}

async function configureModel(
  connection: Connection,
  { expectedVersion, signal, ...parameters }: ModelConfiguration & ConfigureOptions,
): Promise<ConfiguredModel> {
  const guard = expectedVersion === undefined ? {} : { headers: { 'if-match': `"${expectedVersion}"` } };
  const ask = {
    method: 'POST',
    path: '/llm/configure',
    body: snakeCased(parameters) as object,
    signal,
    ...guard,
  } as const;
  return askJson(connection, ask, toConfigured);
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
