/** The event store that a run is about. */
export interface ServerUnderTest {
  /** As `EventStoreDBClient.connectionString` takes it. */
  readonly url: string;
  /** How to end it without warning and start it again; undefined where nobody allowed that. */
  readonly power: ServerPower | undefined;
}

export interface ServerPower {
  /** Resolves when the server is gone; a graceless end (`kill -9`) says most. */
  stop(): Promise<void>;
  /** Resolves when it takes appends again, with everything it had acknowledged. */
  start(): Promise<void>;
}
