export * from './compile-move-schema.ts';
export * from './move-fence.ts';
export * from './prompt-forms.ts';
export * from './scenario-moves.ts';
