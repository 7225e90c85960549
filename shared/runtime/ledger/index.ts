export * from './aggregate-store.ts';
export * from './aggregates.ts';
export * from './encode-events.ts';
export * from './opened-events.ts';
export * from './outside-ids.ts';
export * from './read-session.ts';
export * from './read-turn.ts';
export * from './spoken-fallback.ts';
