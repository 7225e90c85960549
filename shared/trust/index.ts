export * from './canonical-json.ts';
export * from './derive-key.ts';
export * from './envelope.ts';
export * from './hash-chain.ts';
export * from './keyed-hash.ts';
export * from './length-prefixed.ts';
export * from './wrap-key.ts';
