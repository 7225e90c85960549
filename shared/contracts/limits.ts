const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1_000;

/** Every bound of the product in one place, each with its unit in its name. */
export const limits = {
  http: {
    maxBodyBytes: 256 * KIB,
    maxPromptBytes: 32 * KIB,
    maxStateBytes: 64 * KIB,
    maxJsonDepth: 16,
    maxMetadataPairs: 16,
    maxMetadataKeyChars: 64,
    maxMetadataValueChars: 512,
    maxPageRows: 100,
    defaultPageRows: 20,
    maxIdempotencyKeyChars: 255,
    /** How long a request may wait for its turn beyond the turn's own deadline. */
    waitGraceMs: 2 * SECOND,
    maxViewWaitMs: 5 * SECOND,
    maxHeaderBytes: 16 * KIB,
  },
  sse: {
    heartbeatMs: 15 * SECOND,
    retryMs: 2 * SECOND,
    maxBufferedBytes: 256 * KIB,
  },
  log: {
    maxEventsPerAppend: 100,
    maxAppendBytes: MIB,
    maxStreamNameChars: 255,
    maxReadEvents: 4_096,
    /** Appends that share one transaction, and so one fsync. */
    maxAppendsPerGroup: 256,
    /** Appends that wait for their group; further ones answer `unknown` at once. */
    maxQueuedAppends: 10_000,
    appendTimeoutMs: 5 * SECOND,
    /** Newest events kept in memory so that a live subscriber needs no query. */
    recentEvents: 2_048,
    pollIntervalMs: 500,
  },
  aggregate: {
    maxDecisions: 3,
    unknownRetryMs: 5 * SECOND,
    unknownBackoffMs: 50,
    cachedBytes: 64 * MIB,
    /** Newest events of a cached stream kept beside its state, so that a prompt or a reply needs no query. */
    recentBytesPerStream: 64 * KIB,
    /** How old a cached scenario may be before its stream's tail is read again. */
    scenarioMaxAgeMs: 1 * SECOND,
  },
  vault: {
    keyCacheMs: 5 * SECOND,
    maxCachedKeys: 10_000,
  },
  queue: {
    maxMessages: 10_000,
  },
  worker: {
    concurrency: 64,
    leaseMs: 5 * SECOND,
    headCheckMs: 1 * SECOND,
    /** From one piece of content to the next. */
    idleTimeoutMs: 10 * SECOND,
    maxReplyBytes: 256 * KIB,
    maxProviderTextChars: 128,
    /** A paid ending is retried until it is known; this is the pause between tries. */
    endingRetryMs: 500,
  },
  model: {
    maxBodyBytes: 4 * MIB,
    maxLineBytes: MIB,
    maxSockets: 256,
  },
  feed: {
    coalesceMs: 30,
    keepAfterEndMs: 60 * SECOND,
    maxBytes: 32 * MIB,
    maxBytesPerTurn: MIB,
  },
  projector: {
    maxBatchEvents: 500,
    retryMs: 500,
  },
  expiry: {
    intervalMs: 250,
    maxBatch: 100,
    /** Time a running worker has to end its own turn before the loop does. */
    workerGraceMs: 1 * SECOND,
  },
  scenario: {
    maxInstructionsChars: 32_768,
    maxModels: 8,
    maxWindowTurns: 100,
    maxInputTokenBudget: 200_000,
    maxTurns: 900,
    maxDeadlineMs: 300 * SECOND,
    minDeadlineMs: 100,
    maxAttempts: 10,
    maxFallbackLines: 16,
    maxFallbackChars: 1_024,
    maxStops: 4,
    maxStopChars: 64,
    maxViewPointers: 64,
    maxNoteChars: 512,
  },
  tokens: {
    /** A run of letters without a break is cut before it is counted: counting one is quadratic in its length. */
    maxRunChars: 256,
  },
  process: {
    drainMs: 10 * SECOND,
    watchdogLagMs: 60 * SECOND,
    eventLoopLagMs: 5 * SECOND,
  },
} as const;
