// allowed: the door of openai
export const room = 'adapters/openai';
export type Shape = string;
