export * from './system-clock.ts';
export * from './system-ids.ts';
