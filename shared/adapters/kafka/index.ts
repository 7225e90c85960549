export type { KafkaConnection } from './kafka-connection.ts';
export type { KafkaNotice } from './kafka-notice.ts';
export { type ListedParkedMessage, listParkedMessages } from './list-parked-messages.ts';
export * from './open-kafka-turn-queue.ts';
export { type RequestTimesOptions, readRequestTimes } from './request-times.ts';
export type { StallFacts } from './watch-progress.ts';
