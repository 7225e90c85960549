// allowed: the door of memory
export const room = 'adapters/memory';
export type Shape = string;
