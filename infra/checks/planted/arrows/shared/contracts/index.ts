// allowed: the door of contracts
export const room = 'contracts';
export type Shape = string;
