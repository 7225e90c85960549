// allowed: the door of client
export const room = 'client';
export type Shape = string;
