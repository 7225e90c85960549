/** The servers that Turnledger stands on in distributed mode and that we can start without Docker. */
export type EngineName = 'redis' | 'kafka' | 'postgres';

/** Where an engine keeps its files and listens; both matter to whoever kills it and wants it back as it was. */
export interface EngineOptions {
  /** Default: one of its own in the temporary folder, removed at its end. */
  readonly folder?: string;
  /** Of loopback; default: a free one. PostgreSQL listens on a socket in its folder and takes none. */
  readonly port?: number;
  /** Beside the plain listener; Kafka alone takes them. */
  readonly secured?: SecuredListeners;
}

/** Listeners that ask clients who they are, or that encrypt, and what they need. */
export interface SecuredListeners {
  /** By Kafka's name of the protocol, `SASL_SSL` for one, each on a port of loopback. */
  readonly ports: { readonly [protocol: string]: number };
  /** Further lines of server.properties. */
  readonly properties: { readonly [name: string]: string };
  /** Who may sign in by SCRAM, as the storage tool takes it; noted when the storage is made. */
  readonly scramUsers: readonly string[];
}

/** A server that is ready. */
export interface Engine {
  readonly name: EngineName;
  /** What the variable of its name takes: `redis://…`, `postgres://…`, or `host:port` for KAFKA_BROKERS. */
  readonly url: string;
  /** Of the server itself, for tests that kill it. */
  readonly pid: number;
  /** What it is, with its version where that is known. */
  readonly description: string;
  /** Resolves with its last words when it is gone, whoever ended it. Never rejects. */
  readonly ended: Promise<string>;
  /** SIGTERM, after limits.engines.stopMs SIGKILL; then its own folder goes. May be called again; never throws. */
  stop(): Promise<void>;
}
