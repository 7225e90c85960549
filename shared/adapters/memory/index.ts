export * from './memory-event-log.ts';
export * from './memory-key-vault.ts';
export * from './memory-leadership.ts';
export * from './memory-turn-feed.ts';
export * from './memory-turn-queue.ts';
export * from './memory-view-store.ts';
