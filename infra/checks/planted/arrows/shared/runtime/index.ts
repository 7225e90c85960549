// allowed: the door of runtime
export const room = 'runtime';
export type Shape = string;
