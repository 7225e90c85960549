export * from './compile-move-schema.ts';
export * from './scenario-moves.ts';
