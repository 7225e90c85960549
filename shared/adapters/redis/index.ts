export * from './open-redis.ts';
export * from './redis-cache.ts';
export * from './redis-rate-counter.ts';
export * from './redis-turn-feed.ts';
