/** What is known of one life of a worker. */
export interface WorkerBeat {
  /** Differs from beat to beat; says nothing else. */
  readonly beat: string;
  /** It has said that it runs nothing any more, and never will. */
  readonly hasEnded: boolean;
}

/**
 * Where workers beat and others read it (rule 4 of the domain). A store, not a judge: whoever wants to know whether a worker is lost looks
 * twice, on a clock of their own. Throws `store_unavailable`.
 */
export interface WorkerLiveness {
  /** Moves a worker's beat; the first one makes it known. One that has ended stays so. */
  beat(worker: string): Promise<void>;
  /** The worker's last word: every claim of it is free from now on. */
  end(worker: string): Promise<void>;
  /** Of every worker that has beaten or ended within limits.liveness.keepMs, by incarnation; those before are gone. */
  beats(): Promise<ReadonlyMap<string, WorkerBeat>>;
}
