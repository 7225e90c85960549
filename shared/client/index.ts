export { defaultRetryPolicy, type RetryPolicy } from './client-bounds.ts';
export type { ClientOptions } from './connection.ts';
export type { CompletedTurn, ConfiguredModel, Json, ModelConfiguration, Replay, Session, Turn } from './documents.ts';
export type { DeltaContext, DeltaOptions } from './request-turn.ts';
export type {
  ReplyDeltaEvent,
  TurnEndedEvent,
  TurnEvent,
  TurnRequestedEvent,
  TurnStartedEvent,
} from './turn-events.ts';
export type { TurnOptions, TurnPlace } from './turn-request.ts';
export type { TurnStream } from './turn-stream.ts';
export * from './turnledger-client.ts';
export { type ClientProblemCode, type ProblemCode, TurnledgerProblem } from './turnledger-problem.ts';
export type { EndOptions, FollowOptions, TurnledgerSession } from './turnledger-session.ts';
