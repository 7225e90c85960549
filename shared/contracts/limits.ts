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
    /** Of a value in a query: a filter, a cursor, a position. */
    maxQueryValueChars: 256,
    /** Wrong fields that a refusal names. */
    maxFieldErrors: 20,
    /** A longer Prefer header is ignored, as RFC 7240 lets a server do. */
    maxPreferChars: 1_024,
    /** How long a request may wait for its turn beyond the turn's own deadline. */
    waitGraceMs: 2 * SECOND,
    maxViewWaitMs: 5 * SECOND,
    /** What a 503 asks a client to wait when nothing better is known; whole seconds. */
    retryAfterMs: 1 * SECOND,
    maxHeaderBytes: 16 * KIB,
    /** How long an idle connection is kept for its client's next request. */
    keepAliveMs: 60 * SECOND,
  },
  access: {
    /** As RFC 7518, 3.2 has it for HS256: a key at least as long as the hash. */
    minSecretBytes: 32,
    /** Grace on `exp` and `nbf` for clocks that do not agree. */
    clockToleranceMs: 5 * SECOND,
    /** Verified tokens that are remembered; some 300 bytes each. */
    maxCachedTokens: 10_000,
    maxAllowedHosts: 32,
    /** Spellings of allowed hosts, with their ports, that are remembered as checked. */
    maxKnownHosts: 64,
  },
  sse: {
    heartbeatMs: 15 * SECOND,
    retryMs: 2 * SECOND,
    maxBufferedBytes: 256 * KIB,
    /** How long a reader with more than that may take to read it. */
    maxStallMs: 2 * SECOND,
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
    /** Data of the appends that wait, so that ten thousand large ones do not fill the memory. */
    maxQueuedBytes: 64 * MIB,
    /** Data of a group; the append that passes it is the group's last, so a group holds at most 5 MiB. */
    maxGroupBytes: 4 * MIB,
    /** How often a group looks again when writers of other processes were faster on its streams. */
    maxGroupRounds: 5,
    appendTimeoutMs: 5 * SECOND,
    readTimeoutMs: 5 * SECOND,
    connectTimeoutMs: 2 * SECOND,
    migrateTimeoutMs: 30 * SECOND,
    readConnections: 4,
    /** A revision is a 32-bit integer in PostgreSQL; this leaves room for an append behind it. */
    maxRevision: 2_000_000_000,
    /** A subscriber's catch-up goes by pages: whichever bound is met first. */
    pageEvents: 1_000,
    pageBytes: 8 * MIB,
    /** Newest events kept in memory so that a live subscriber needs no query; whichever bound is met first. */
    recentEvents: 2_048,
    recentBytes: 8 * MIB,
    pollIntervalMs: 500,
    /** A subscriber's pause after a failed read: from, doubling, to. */
    minReconnectMs: 50,
    maxReconnectMs: 2 * SECOND,
  },
  aggregate: {
    maxDecisions: 3,
    unknownRetryMs: 5 * SECOND,
    unknownBackoffMs: 50,
    cachedBytes: 24 * MIB,
    /** Newest events of a cached stream kept beside its state, so that a prompt or a reply needs no query. */
    recentBytesPerStream: 64 * KIB,
    /** Newest events kept decoded for whoever else reads them: projectors, the worker, the answer. */
    decodedEvents: 2_048,
    /** Ended turns kept readable for the next prompts of their sessions; an erased player's are shown to nobody. */
    openedBytes: 8 * MIB,
    /** How old a cached scenario may be before its stream's tail is read again. */
    scenarioMaxAgeMs: 1 * SECOND,
  },
  vault: {
    keyCacheMs: 5 * SECOND,
    maxCachedKeys: 10_000,
    /** A mapping goes at erasure, so other processes forget it within this time. */
    playerCacheMs: 60 * SECOND,
    maxCachedPlayers: 10_000,
    /** Requests of one kind that share one statement, and so one fsync. */
    maxRequestsPerGroup: 256,
    /** Requests of one kind that wait for their group; further ones fail at once. */
    maxQueuedRequests: 10_000,
    queryTimeoutMs: 5 * SECOND,
  },
  views: {
    queryTimeoutMs: 10 * SECOND,
    /** How often a query that waits for a write looks again: a view is usually a few milliseconds behind. */
    waitLookMs: 10,
    /** Making a table and its indexes. */
    prepareTimeoutMs: 60 * SECOND,
    /** Of a question about usage; and the days it is about when it names none. */
    maxUsageDays: 366,
    defaultUsageDays: 30,
    /** Groups that an answer about usage lists; its totals are of all. */
    maxUsageGroups: 1_000,
  },
  replay: {
    minSpeed: 0.1,
    maxSpeed: 100,
    /** A player's silence between two turns is played back as this at most, at recorded pace. */
    maxPauseMs: 5 * SECOND,
    /** A recorded reply is shown in groups of words, one each this long at recorded pace; a reply has at most so many. */
    groupMs: 100,
    maxGroupsPerReply: 200,
    /** Events read ahead of the one that is shown. */
    pageEvents: 128,
  },
  leadership: {
    /** Pause before a process that does not lead tries again. */
    retryMs: 1 * SECOND,
    /** How often a leader asks whether its connection still stands; twice this without an answer is a loss. */
    checkMs: 1 * SECOND,
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
    /** What a process that is out of time still gives an aborted turn to record what it spent. */
    lastEndingMs: 1 * SECOND,
  },
  model: {
    maxBodyBytes: 4 * MIB,
    maxLineBytes: MIB,
    maxSockets: 256,
    /** An idle connection is closed after this; below the 5 s that many servers keep theirs, so that we seldom write to a closed one. */
    idleSocketMs: 4 * SECOND,
    /** What a server may still send after `[DONE]` or a refusal before its connection is given up instead of kept. */
    maxDrainBytes: 64 * KIB,
    drainMs: 1 * SECOND,
    /** From a finish reason to the bill that should follow it; then the reply counts without one. */
    maxBillWaitMs: 1 * SECOND,
    /** Endpoints that an operator may name beside each other. */
    maxEndpoints: 16,
    /** A price over this is a slip of the unit; the dearest models are at some 600 US dollars a million tokens. */
    maxPricePerMillionUsd: 100_000,
    /** A bill over this is nonsense; times the dearest price, twice, it is a whole number of micro-dollars below 2^53. */
    maxReportedTokens: 1_000_000_000,
    maxScriptedWordMs: 10 * SECOND,
  },
  metrics: {
    /** Names of models told apart; scenarios may name any, and each is a row of every figure. */
    maxModelNames: 50,
    /** Newest turns whose beginning is remembered until their ending comes; some 300 bytes each. */
    maxFollowedTurns: 10_000,
  },
  feed: {
    coalesceMs: 30,
    keepAfterEndMs: 60 * SECOND,
    /** An open turn without news for this long is forgotten; over the longest deadline (300 s), so that only a lost ending gets here. */
    keepIdleMs: 360 * SECOND,
    maxBytes: 8 * MIB,
    maxBytesPerTurn: MIB,
  },
  projector: {
    maxBatchEvents: 500,
    retryMs: 500,
    /** How long one may be behind before it counts as stuck: a busy second is no fault. */
    stuckAfterMs: 2 * SECOND,
    /** A batch of one event costs some 0.4 ms here and 0.5 ms in PostgreSQL, one of forty 0.05 ms each an event; a view is this late at most. */
    gatherMs: 20,
    /** JSON text of the rows that the views' projector keeps; a row of a turn is some 2 KiB. */
    recentRowsChars: 16 * MIB,
  },
  expiry: {
    intervalMs: 250,
    maxBatch: 100,
    /** Time a running worker has to end its own turn before the loop does. */
    workerGraceMs: 1 * SECOND,
  },
  admission: {
    /** Open turns that one process answers for; a turn of a thousand words holds some 100 KiB of feed, prompt and reply. */
    maxOpenTurns: 1_000,
    maxOpenTurnsPerPlayer: 8,
    /** The fastest rate that an operator may set for a player; over it, 0 says no bound more plainly. */
    maxPlayerTurnsPerMinute: 6_000,
    /** Players whose rate is remembered; a forgotten one starts anew. */
    maxRatedPlayers: 10_000,
    /** How often, at most, an open turn that nobody waits for is looked up; also what a refused client is told to wait. */
    sweepMs: 1 * SECOND,
  },
  player: {
    maxDisplayNameChars: 128,
    maxTraitsBytes: 8 * KIB,
  },
  scenario: {
    maxInstructionsChars: 32_768,
    maxModels: 8,
    maxWeight: 1_000_000,
    /** Of a reply: what a scenario or a turn may ask a model for. */
    maxReplyTokens: 32_768,
    maxPersonaNameChars: 128,
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
    maxPointerChars: 256,
    maxNoteChars: 512,
  },
  tokens: {
    /** A run of letters without a break is cut before it is counted: counting one is quadratic in its length. */
    maxRunChars: 256,
  },
  process: {
    drainMs: 10 * SECOND,
  },
  embedded: {
    /** From finding the data folder to a server that answers; crash recovery after a power loss is in it. */
    startTimeoutMs: 60 * SECOND,
    initTimeoutMs: 60 * SECOND,
    connectTimeoutMs: 2 * SECOND,
    /** Between two looks at a starting or ending server; it is ready some 25 ms after its start. */
    pollMs: 5,
    /** How long a killed instance's connection may keep the lock of a data folder. */
    lockWaitMs: 3 * SECOND,
    /** Pause before a lock whose connection was lost is asked for again: short, since until then another instance could take it. */
    lockRetryMs: 100,
    /** Pause before a server that ended by itself is started again: from, doubling, to. A full disk may keep it down for hours. */
    minRestartMs: 250,
    maxRestartMs: 5 * SECOND,
    /** A server that lived this long is started again at once when it ends. */
    restartResetMs: 60 * SECOND,
    /** A fast shutdown; past it the server is told to leave without a checkpoint. */
    fastStopMs: 10 * SECOND,
    immediateStopMs: 6 * SECOND,
    /** How long the number of a killed server may stay taken before its files are removed; the system's first process reaps it within milliseconds. */
    reapWaitMs: 1 * SECOND,
    maxServerLogBytes: 16 * MIB,
    serverLogCheckMs: 60 * SECOND,
    adoptedCheckMs: 250,
    /** Connections of vault, views and queries together; the log, the lock and each elected loop have their own. */
    poolConnections: 12,
    /** Bytes of a socket's whole path: macOS takes 103, Linux 107. */
    maxSocketPathBytes: 103,
  },
} as const;
