export type { KafkaConnection } from './kafka-connection.ts';
export type { KafkaNotice } from './kafka-notice.ts';
export * from './open-kafka-turn-queue.ts';
export type { StallFacts } from './watch-progress.ts';
