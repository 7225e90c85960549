export const name = 'left-out';
