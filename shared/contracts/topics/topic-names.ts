/** The topics of one installation, and the group that shares its turns; two installations on one broker differ in their prefix. */
export interface TopicNames {
  /** Turns that want a worker, shared out among the workers: each goes to one. */
  readonly requested: string;
  /** Endings of turns: news for every worker, since any may run the call that is to be aborted. */
  readonly ended: string;
  /** Messages of the first that no worker can read, or whose turn the log does not have, as they came, with the reason. */
  readonly parked: string;
  /** The consumer group of the workers. */
  readonly workers: string;
  /** What the name of each worker's own group begins with, in which it reads the endings. */
  readonly readers: string;
}

/** The names under a prefix that brings its own separator, `turnledger.` for one; Kafka allows letters, digits, `.`, `_` and `-`. */
export const topicNames = (prefix: string): TopicNames => ({
  requested: `${prefix}turns.requested`,
  ended: `${prefix}turns.ended`,
  parked: `${prefix}turns.parked`,
  workers: `${prefix}workers`,
  readers: `${prefix}endings.`,
});
