// allowed: the door of testing
export const room = 'testing';
export type Shape = string;
