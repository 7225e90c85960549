export * from './errors/catalogue.ts';
export * from './errors/turnledger-error.ts';
export * from './limits.ts';
