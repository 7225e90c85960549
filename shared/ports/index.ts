export type * from './clock.ts';
export type * from './event-log.ts';
export type * from './key-vault.ts';
export type * from './leadership.ts';
export type * from './model.ts';
export type * from './turn-feed.ts';
export type * from './turn-queue.ts';
export type * from './view-store.ts';
