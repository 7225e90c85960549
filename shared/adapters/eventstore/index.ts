export * from './event-store-db-log.ts';
export * from './open-event-store-log.ts';
