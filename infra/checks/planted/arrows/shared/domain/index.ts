// allowed: the door of domain
export const room = 'domain';
export type Shape = string;
