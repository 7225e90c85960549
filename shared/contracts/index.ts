export * from './errors/catalogue.ts';
export * from './errors/turnledger-error.ts';
export * from './events/event-catalogue.ts';
export * from './events/sealed-paths.ts';
export * from './events/streams.ts';
export * from './limits.ts';
