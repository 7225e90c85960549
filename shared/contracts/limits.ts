const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1_000;

/** Every bound of the product in one place, each with its unit in its name. */
export const limits = {
  http: {
    maxBodyBytes: 256 * KIB,
    maxPromptBytes: 32 * KIB,
    maxStateBytes: 64 * KIB,
    /** Operations of a patch to a state: 256 to one of 52 KB take 2 to 16 ms, on two busy cores. */
    maxPatchOperations: 256,
    maxJsonDepth: 16,
    /** Of a state by itself: as a body's member of a member it may be no deeper. */
    maxStateDepth: 14,
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
  /** EventStoreDB as the log: one connection carries 100 HTTP/2 streams, and the 101st waits without a word. Further bounds as `log` has them. */
  eventStore: {
    maxAppendsInFlight: 64,
    maxReadsInFlight: 16,
    /** Reads that wait for their turn, within their own readTimeoutMs; further ones fail at once. */
    maxQueuedReads: 10_000,
    maxSubscriptions: 16,
    /** How much sooner a call gives up by itself than its caller is told: then its HTTP/2 stream is free when the next one starts. */
    callMarginMs: 100,
    /** Calls in a row without an answer after which another connection is tried, and how young one may be given up: from, doubling, to. */
    failuresBeforeNewClient: 5,
    minClientLifeMs: 1 * SECOND,
    maxClientLifeMs: 30 * SECOND,
    /** Opening asks for the newest event once. */
    openTimeoutMs: 2 * SECOND,
    maxPrefixChars: 64,
    /** Events that a subscription holds for a slow reader at each of its three stages; at 1 MiB each, the worst is some 80 MiB. */
    bufferedEvents: 32,
    /** Foreign events that the server looks through before it says how far it is. */
    filterWindowEvents: 512,
    /**
     * A subscription that has shown all for this long asks whether there is more; then again each headCheckMs. At 10 three loops asked 2.1 times
     * a turn with one client, a read and some 1 ms of processor time each; at 50 the pauses between its events are no quiet.
     */
    quietMs: 50,
    headCheckMs: 2 * SECOND,
    /** How often one that is behind asks, and how long nothing may come to it before it is made anew. */
    behindCheckMs: 250,
    stallMs: 5 * SECOND,
    /** The log is searched backwards for our newest event by pages: mostly the first one is enough. */
    headPageEvents: [1, 32, 512],
    minResubscribeMs: 50,
    maxResubscribeMs: 2 * SECOND,
  },
  aggregate: {
    maxDecisions: 3,
    unknownRetryMs: 5 * SECOND,
    unknownBackoffMs: 50,
    /** Some 256 sessions that are played now: below 200 clients none is read twice (a soak at 40 turns a second filled 24 MiB within 4 minutes). */
    cachedBytes: 16 * MIB,
    /** Newest events of a cached stream kept beside its state, so that a prompt or a reply needs no query. */
    recentBytesPerStream: 64 * KIB,
    /** Newest events kept decoded for whoever else reads them: projectors, the worker, the answer. */
    decodedEvents: 1_024,
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
    /** Forks that a lineage lists, those of forks included. */
    maxListedForks: 100,
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
  spectate: {
    /** Streams of whole sessions that one process serves, each with a connection of its own. */
    maxSpectators: 1_000,
    /** While a turn is open its spectators look at the log by turns: who finds a look as old as this does not look again. */
    lookAgeMs: 500,
    /** The last event of a session that a spectator's ids reach: times 10^10 it is below 2^53. A session of 2,000 turns with ten attempts each has 70,000. */
    maxRevision: 900_000,
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
  kafka: {
    defaultPartitions: 12,
    maxPartitions: 1_024,
    defaultReplicationFactor: 1,
    maxReplicationFactor: 9,
    /** A turn lives at most 300 s; what is older than this is of interest to nobody. */
    retentionMs: 24 * 3_600 * SECOND,
    parkedRetentionMs: 30 * 24 * 3_600 * SECOND,
    /** A message that one request to the broker carries together with others; some 500 bytes each. */
    maxBatchMessages: 500,
    /** Messages that wait for the request before theirs; further `enqueue` calls wait for room. */
    maxQueuedMessages: 5_000,
    maxQueuedBytes: 8 * MIB,
    /** Of a turn's message; ours have some 500 bytes. */
    maxMessageBytes: 16 * KIB,
    /** Of a foreign message as it is parked; more is cut off. */
    maxParkedBytes: 64 * KIB,
    connectTimeoutMs: 2 * SECOND,
    requestTimeoutMs: 10 * SECOND,
    /** Tries of a request and the pauses between them, doubling: some 95 s in all, in which a broker may be away. */
    retries: 100,
    /** The same for questions, which are asked again by whoever needs the answer. */
    askingRetries: 2,
    minRetryMs: 100,
    maxRetryMs: 1 * SECOND,
    /** Pause before a connection, a consumer or a parking that was given up is begun again. */
    reopenMs: 2 * SECOND,
    sessionTimeoutMs: 6 * SECOND,
    heartbeatMs: 500,
    /** What a broker waits for members that do not come back to a rebalance. */
    rebalanceTimeoutMs: 10 * SECOND,
    /**
     * How long a fetch of requests may wait at the broker when there are none. It shows in resume, rebalance and stop, not in latency (0.65 ms
     * at 10, 50 and 100). At 50 an idle worker takes 8.1 % of a core and its broker 11.3 %; at 250, with calm request queues, 4.2 and 8.9 %.
     */
    fetchWaitMs: 250,
    endingsFetchWaitMs: 200,
    maxBytesPerPartition: 64 * KIB,
    maxFetchBytes: MIB,
    /** Fetching stops with so many turns waiting here, and goes on with so few: what waits here waits for nobody else. */
    pauseAtMessages: 512,
    resumeAtMessages: 256,
    commitIntervalMs: 200,
    /** A broker's own bound (offset.metadata.max.bytes). */
    maxCommitMetadataBytes: 4_096,
    /** How long a consumer that has joined waits to hear what was handled before it. */
    restoreTimeoutMs: 2 * SECOND,
    /** How often the watchdog asks for the lag, and for how long it may see no movement. */
    watchIntervalMs: 5 * SECOND,
    stalledAfterMs: 60 * SECOND,
    /** The same while all slots are taken: the longest turn's deadline and a minute. */
    stalledBusyMs: 360 * SECOND,
    /** How long the client's repetition of a warning is not reported. */
    repeatedNoticeMs: 10 * SECOND,
    /** What leaving the group and closing the connections may take before they are left as they are. */
    closeTimeoutMs: 5 * SECOND,
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
  cache: {
    /** How long an entry lives after it was last written: a session that is played is written again every some twenty turns. */
    keepMs: 3_600 * SECOND,
    /** A session of 900 turns is some 320 KiB. */
    maxEntryBytes: MIB,
    /** Of a cache in memory. */
    maxBytes: 16 * MIB,
    /** A session is kept warm anew whenever it has grown by so many events: writing it costs what it is long, reading 64 events 2 ms. */
    eventsPerSnapshot: 64,
  },
  redis: {
    connectTimeoutMs: 2 * SECOND,
    /** For one answer. Redis holds nothing that a turn could not do without, so nobody waits for it longer than this. */
    commandTimeoutMs: 250,
    /** A connection that owes an answer and has been silent for this long is given up, and calls fail at once until another stands. */
    silenceMs: 500,
    /** Pause before a lost connection is tried again: from, doubling, to. */
    minReconnectMs: 50,
    maxReconnectMs: 2 * SECOND,
    /** How long a connection that is closed from our side may take to say goodbye. */
    disconnectMs: 100,
    /** Newest messages kept of a turn; a minute of speech at one message each 30 ms is 2,000. */
    maxMessagesPerTurn: 16_384,
    /** Messages that go to Redis in one command; a script of 256 takes it some 2 ms. */
    maxBatchMessages: 256,
    /** Payloads on their way to Redis; further ones are dropped. */
    maxSendingBytes: 8 * MIB,
    /** How long one read waits for news of all turns that are followed; a wake-up that was lost costs this much at most. */
    blockMs: 1 * SECOND,
    /** Followed turns' readers of one process; a further one is told nothing and finds its ending in the log. */
    maxReaders: 10_000,
    /** Messages of one turn in one answer. */
    maxReadMessages: 64,
    /** What a reader may have waiting before its turn is left out of the reads: whichever is met first; one answer may pass it. */
    maxWaitingMessages: 128,
    maxWaitingBytes: 256 * KIB,
  },
  projector: {
    maxBatchEvents: 500,
    retryMs: 500,
    /** How long one may be behind before it counts as stuck: a busy second is no fault. */
    stuckAfterMs: 2 * SECOND,
    /** How often a loop's place is held against the head of the log, and for how long it may be behind at one place while all stores answer. */
    watchIntervalMs: 5 * SECOND,
    stalledAfterMs: 60 * SECOND,
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
  session: {
    /** Turns that a session records at most, those that were rewound away included; some three events each. */
    maxRecordedTurns: 2_000,
    maxRewinds: 500,
    maxBookmarks: 500,
    /** Stretches of a fork's past, one a session. A prompt's window reads one or two of them, a re-render all. */
    maxForkSegments: 32,
    maxLabelChars: 128,
    /** Two ids of 16 bytes in base64url have 43. */
    maxBookmarkChars: 43,
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
  /** Recorded turns that are asked again. */
  rerun: {
    /** Sources of one re-run; some 110 bytes each in the event that asks for it. */
    maxSessions: 500,
    /** Of one re-run, over all its sources; some 900 bytes each in its stream. */
    maxTurns: 5_000,
    /** Sessions that are looked up at once while it is found out what it will do; of one, 2,000 turns may be folded. */
    maxLoadsAtOnce: 8,
    /** Turns whose usage an estimate asks for in one query. */
    maxTurnsPerQuery: 500,
    maxConcurrency: 32,
    defaultConcurrency: 8,
    /** Re-runs that are under way at once; further ones wait their turn. */
    maxRunning: 4,
    /** How often the runner looks for one that it does not run yet. */
    lookMs: 250,
    /** How long one that broke off is left alone, so that it does not keep others from being run. */
    restMs: 10 * SECOND,
    /** Comparisons are recorded together: as many as come within it. */
    gatherMs: 100,
    maxComparisonsPerAppend: 50,
    /** While the log does not take them; no further turn begins then. */
    maxWaitingComparisons: 500,
    /** A gate whose re-run is not there after this long was left by a request that died, and may be replaced. */
    abandonedGateMs: 60 * SECOND,
    maxSpendCapMicroUsd: 1_000_000_000_000,
    /** Of a threshold: new cost or time over the recorded. */
    maxGateRatio: 1_000,
  },
  /** What the window leaves behind, in a few sentences. */
  summary: {
    minTokens: 32,
    defaultTokens: 400,
    /** It stands in every prompt, and is told again for the next one. */
    maxTokens: 2_000,
    /** Of its text; a model that does not keep to its tokens must not fill every prompt after it. */
    maxTextChars: 16 * KIB,
    /** Turns that one call is told of; where more stand behind the window, the next call goes on. */
    maxTurns: 50,
    /** Of each side of a turn, as that call is told it: one turn always fits, whatever its tokens. */
    maxSideChars: 4 * KIB,
    /** Calls for summaries that a worker makes at once, beside its turns, and sessions that may wait for one. */
    concurrency: 4,
    maxWaiting: 64,
    firstTokenMs: 30 * SECOND,
    totalMs: 60 * SECOND,
  },
  moves: {
    /** Of a scenario's schema as JSON: it stands in every prompt, and 16 KiB are some 4,000 tokens. */
    maxSchemaBytes: 16 * KIB,
    /**
     * Subschemas that one move may be held against, each counted as often as references lead to it: else 200 lines could ask for 2^60 checks.
     * Long lists and `uniqueItems` count for more: a move of 8 KiB then takes 0.6 s at worst, where 600 times an enum of 2,800 took 20 s.
     */
    maxSchemaSteps: 2_000,
    /** Of a move as JSON; it may be as deep as any JSON that the edge takes. */
    maxBytes: 8 * KIB,
    /** Of an answer that a corrective attempt is shown: its end, where the move stands. */
    maxCorrectedChars: 16 * KIB,
    /** Of a game's reason for a rejection: it stands in the prompts after it. */
    maxReasonChars: 1_024,
    /** Compiled schemas kept by a process: one of 16 KiB takes 175 ms to compile (two busy cores) and 122 KiB of heap, beside the code. */
    maxCompiledSchemas: 64,
  },
  tokens: {
    /** A run of letters without a break is cut before it is counted: counting one is quadratic in its length. */
    maxRunChars: 256,
  },
  process: {
    drainMs: 10 * SECOND,
    /** What a process may take beyond that to close what it stands on; then it ends with it open. */
    closeMs: 5 * SECOND,
    /** Pause before a dependency that could not be opened at start is tried again: from, doubling, to. */
    minOpenRetryMs: 250,
    maxOpenRetryMs: 2 * SECOND,
    /** How often a process that waits for a dependency, or has lost one, says so in its log. */
    waitingLogMs: 10 * SECOND,
    /** How often a dependency is asked whether it answers, for /readyz; and how long it may take before it counts as away. */
    probeMs: 1 * SECOND,
    probeTimeoutMs: 2 * SECOND,
    /** How often a process looks how late its own timers are; and from when on, and for how long after, it says that it is not ready. */
    loopCheckMs: 250,
    maxLoopLagMs: 2 * SECOND,
    loopLagShownMs: 10 * SECOND,
    /** Connections of vault, views and queries together, in each process of the distributed mode. */
    poolConnections: 8,
  },
  liveness: {
    beatMs: 1 * SECOND,
    /** A worker whose last beat is older aborts its calls and claims nothing: a second before anybody may take it for lost. */
    fenceMs: 4 * SECOND,
    /** How often a worker looks whether its own beat is late. */
    watchMs: 250,
    /** For one statement about beats. */
    queryTimeoutMs: 1 * SECOND,
    /** How often whoever waits for a held turn looks at its holder; also how often the relay looks for workers that are gone. */
    lookMs: 1 * SECOND,
    /** Rows of incarnations that have not beaten for this long are removed. */
    keepMs: 3_600 * SECOND,
    /** Held turns that one worker waits for, beside those it runs. */
    maxWaitingTurns: 192,
  },
  edge: {
    /** Connections to one upstream; a stream holds one for as long as it is read. */
    maxSockets: 4_096,
    /** An idle connection is closed after this, long before the upstream would, so that we seldom write to a closed one. */
    idleSocketMs: 4 * SECOND,
    /** Silence of an upstream after which a request is given up: the longest turn has 300 s, and a stream beats every 15 s. */
    maxSilenceMs: 330 * SECOND,
    /** How long an upstream that refused a connection is passed over while there is another. */
    restMs: 1 * SECOND,
    /** What an upstream may take to say whether it is ready. */
    readyTimeoutMs: 2 * SECOND,
    /** Of an upstream's description or readiness; ours are below 200 KiB. */
    maxDocumentBytes: 4 * MIB,
    maxUpstreams: 64,
  },
  /** The command `turnledger`. */
  commandLine: {
    /** Rows of a list. */
    defaultListed: 20,
    maxListed: 10_000,
    /** How often a turn that has just begun is looked up, and the pause between: a view is mostly some 30 ms behind. */
    askedTries: 20,
    askedPauseMs: 50,
    /** Words and blanks by which two replies may differ for their common ones to be looked for: 70 ms, growing with the square. */
    maxDiffEdits: 1_000,
  },
  /** `npm run parked`. */
  parked: {
    defaultListed: 100,
    maxListed: 10_000,
    /** Of a message's value. */
    maxShownBytes: 4 * KIB,
    readTimeoutMs: 30 * SECOND,
    connectTimeoutMs: 5 * SECOND,
  },
  distributed: {
    /** From the first process to the last that is ready, engines not counted. */
    startTimeoutMs: 90 * SECOND,
    readyCheckMs: 50,
  },
  engines: {
    /** A broker takes some 4 s on an idle machine of two cores, and recovers its files after a kill. */
    startTimeoutMs: 60 * SECOND,
    /** After it a server that was asked to end is killed. */
    stopMs: 10 * SECOND,
    /** Maven brings 46 MB once. */
    bringTimeoutMs: 300 * SECOND,
    /** Of what a server wrote last, for the line that says why it ended. */
    keptLogLines: 20,
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
