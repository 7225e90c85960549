export * from './advance-until.ts';
export * from './arrivals.ts';
export * from './cache-contract.ts';
export * from './checkpoints-contract.ts';
export * from './cut-blocked-statement.ts';
export * from './database-proxy.ts';
export * from './decider-specification.ts';
export * from './deep-freeze.ts';
export * from './encoded-events.ts';
export * from './event-log-contract.ts';
export * from './event-log-following.ts';
export * from './event-store-twin-process.ts';
export * from './faulty-event-log.ts';
export * from './folded-views.ts';
export * from './fresh-database.ts';
export * from './fresh-topics.ts';
export * from './golden/golden-views.ts';
export * from './golden/read-golden.ts';
export * from './held-consumer.ts';
export * from './key-vault-contract.ts';
export * from './leadership-contract.ts';
export * from './manual-clock.ts';
export * from './metric-samples.ts';
export * from './model-contract.ts';
export * from './played-rerun.ts';
export * from './played-session.ts';
export * from './programmed-model.ts';
export * from './random-sessions.ts';
export * from './rate-counter-contract.ts';
export * from './redis-server.ts';
export * from './sample-commands.ts';
export * from './sample-events.ts';
export * from './sample-reruns.ts';
export * from './sample-scenario.ts';
export {
  answerStream,
  type SampleEvent,
  sampleAttempt,
  sampleEnding,
  sampleRequested as sampleRequestedEvent,
  sampleSessionId,
  sampleTurnDocument,
} from './sample-turn-stream.ts';
export * from './scripted-endpoints.ts';
export * from './scripted-server.ts';
export * from './served-app.ts';
export * from './session-steps.ts';
export { historyIds } from './summary-steps.ts';
export * from './turn-feed-contract.ts';
export * from './turn-queue-contract.ts';
export * from './view-store-contract.ts';
export * from './worker-liveness-contract.ts';
