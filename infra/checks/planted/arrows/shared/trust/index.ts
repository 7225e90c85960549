// allowed: the door of trust
export const room = 'trust';
export type Shape = string;
