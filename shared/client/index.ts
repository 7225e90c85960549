export type { CallFilter, SessionFilter, UsageQuery } from './account-calls.ts';
export { defaultRetryPolicy, type RetryPolicy } from './client-bounds.ts';
export type { ClientOptions } from './connection.ts';
export type {
  Bookmark,
  CompletedTurn,
  ConfiguredModel,
  Json,
  Lineage,
  ModelCall,
  ModelConfiguration,
  Player,
  Replay,
  Rerun,
  RerunEstimate,
  RerunRow,
  RerunTurn,
  Scenario,
  ScenarioStats,
  Session,
  SessionState,
  Turn,
  Usage,
  UsageCounts,
  UsageRow,
} from './documents.ts';
export type { ReadOptions } from './pages.ts';
export type { PlayerProfile, PutPlayerOptions } from './player-calls.ts';
export type { DeltaContext, DeltaOptions } from './request-turn.ts';
export type { RerunCalls } from './rerun-calls.ts';
export type {
  AwaitRerunOptions,
  EstimateRerunOptions,
  GateLimits,
  OpenGateOptions,
  RequestRerunOptions,
  RerunChanges,
  RerunFilter,
  RerunManner,
  RerunTarget,
  RerunTurnsOptions,
  SessionSelection,
  SessionsOfScenario,
} from './rerun-options.ts';
export type { ConfigureOptions, RetireOptions } from './scenario-calls.ts';
export type {
  SessionEndedEvent,
  SessionReconfiguredEvent,
  SessionRewoundEvent,
  SpectatedEvent,
} from './session-events.ts';
export type {
  BookmarkOptions,
  EndOptions,
  FollowOptions,
  ForkOptions,
  ForkPoint,
  JudgeOptions,
  MoveVerdict,
  ReconfigureOptions,
  ReplayOptions,
  RewindOptions,
  RewindTarget,
  SpectateOptions,
} from './session-options.ts';
export type {
  ReplyDeltaEvent,
  TurnEndedEvent,
  TurnEvent,
  TurnRequestedEvent,
  TurnStartedEvent,
} from './turn-events.ts';
export type {
  PatchOperation,
  StateUpdate,
  Trigger,
  TurnOptions,
  TurnPlace,
  UserInput,
  WaitOptions,
} from './turn-request.ts';
export type { TurnStream } from './turn-stream.ts';
export * from './turnledger-client.ts';
export { type ClientProblemCode, type ProblemCode, TurnledgerProblem } from './turnledger-problem.ts';
export type { StartedSession, TurnledgerSession } from './turnledger-session.ts';
export { snakeCased } from './wire-names.ts';
