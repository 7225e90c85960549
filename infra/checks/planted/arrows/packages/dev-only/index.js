export const name = 'dev-only';
